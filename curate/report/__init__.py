"""One HTML file that shows a corpus: what each job did, how the clips are spread, and every clip with its evidence."""
