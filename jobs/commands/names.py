"""Which commands there are, what each is for, and where it is: only the module of the one that is called is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Command:
    """A function of a module of this package, and the sentence that tells of it."""

    module: str
    function: str
    says: str
    job: str | None = None  # what the function makes its command for, where it makes one for each job

    def load(self) -> Callable[..., None]:
        found = getattr(import_module(f"jobs.commands.{self.module}"), self.function)
        command: Callable[..., None] = found(self.job) if self.job else found
        return command


JOBS: Mapping[str, str] = {
    "fetch": "Bring the sources into shards, byte for byte.",
    "scan": "Decode each media once, and keep what later decisions need.",
    "subtitle": "Read the subtitles that came with the media.",
    "split": "Find the shots.",
    "score": "Measure the clips.",
    "rate": "Rate the clips by models, where the recipe has raters.",
    "listen": "Find words, sounds and music, in time.",
    "read": "Find the text on screen, in time.",
    "see": "Ask a model that sees, where the recipe names one.",
    "hear": "Ask a model that hears, where the recipe names one.",
    "quiz": "Have a model that sees ask about the clips, where the recipe names one.",
    "caption": "Retell the clips.",
    "witness": "Have a model that sees judge the claims of captions, where the recipe names one.",
    "repair": "Ask a model once more about what captions got wrong, where the recipe names one.",
    "revise": "Make captions of what people decided.",
    "encode": "Encode the clips.",
    "embed": "Encode the captions by a text encoder, where the recipe names one.",
    "pick": "Choose the clips of a cut, with a reason for each drop.",
    "plan": "Lay down the order of training.",
}
"""Jobs whose command has nothing of its own, and what it says of itself."""
COMMANDS: Mapping[str, Command] = {
    "run": Command(
        "running", "run", "Every job in order, from sources to a training plan. Run it again to go on where it stopped."
    ),
    "submit": Command(
        "submitting",
        "submit",
        "Send a run to a Ray cluster: what `retold run` does, with the driver on its head. Send it again to resume it.",
    ),
    "add": Command("running", "add", "Add sources to a lake; those that it has already are left alone."),
    **{name: Command("running", "one_job", says, name) for name, says in JOBS.items()},
    "check": Command("running", "check", "Test the captions: what can be answered from the text alone."),
    "estimate": Command(
        "estimating",
        "estimate",
        "What a recipe would cost on all sources, from what `retold run --pilot N` has done on some of them.",
    ),
    "status": Command("looking", "status", "What is there, what is still to do, what failed."),
    "failures": Command(
        "looking",
        "failures",
        "What failed, why, and what can be done: by kind with a few examples, or with --kind each one of a kind.",
    ),
    "retry": Command(
        "running", "retry", "Work again on what failed for these kinds of reasons, and on all that waited for it."
    ),
    "explain": Command("looking", "explain", "All that is known of a clip, and why it is in the cut or not."),
    "report": Command(
        "looking",
        "report",
        "One HTML file that shows the corpus: figures, reasons, and clips with all that is known of them.",
    ),
    "verdicts": Command(
        "looking",
        "verdicts",
        "How the captions stand: by status, by axis with intervals, beside what can be seen, and what repairs gained.",
    ),
    "compare": Command(
        "looking",
        "compare",
        "Which of two captioners answers more of the same questions, with intervals; both recipes have been run.",
    ),
    "diff": Command("looking", "diff", "What came and went between two cuts, why, and how what they keep is spread."),
    "render": Command(
        "telling",
        "render",
        "Stored captions in the format of a trainer; nothing is captioned again. Exit code 1: some cannot be so short.",
    ),
    "export": Command(
        "exporting",
        "export",
        "The kept clips of a cut, for trainers: WebDataset, MDS, Hugging Face, LTX-2, prompt-rewriter pairs.",
    ),
    "fsck": Command(
        "care",
        "fsck",
        "Check every byte against its hash, and tell what belongs to nothing; exit code 1 if anything is damaged.",
    ),
    "vacuum": Command(
        "care",
        "vacuum",
        "Remove what belongs to nothing: shards and files nobody committed, files of old versions, broken-off uploads.",
    ),
    "takedown": Command(
        "care",
        "takedown",
        "Remove sources, and all that was made from them, for good. Nothing that runs later brings them back.",
    ),
    "evict": Command(
        "evicting", "evict", "Remove bytes that can be made again. `retold run` makes what its plan needs, and no more."
    ),
    "film": Command(
        "filming",
        "film",
        "Make a film of which everything is known: the yardstick of splitters, listeners, captioners and checks.",
    ),
    "demo": Command(
        "filming",
        "demo",
        "Make a film with known truth, run every job on it, say what was found, and write a report with pictures.",
    ),
    "probe": Command(
        "probing",
        "probe",
        "Try captioners on a film with known truth and on perturbed copies of it, before a cluster is spent on them.",
    ),
}
RECIPE_COMMANDS: Mapping[str, Command] = {
    "check": Command(
        "recipes",
        "check",
        "Say whether a recipe is right and its sources on this machine are there, and if not, what is wrong.",
    ),
    "render": Command("recipes", "rendered", "Print the whole recipe, with every default filled in, as JSON."),
    "schema": Command("recipes", "described", "Print the JSON schema of recipes, for editors."),
}
REVIEW_COMMANDS: Mapping[str, Command] = {
    "fill": Command(
        "reviewing",
        "fill",
        "Put captions that failed their test into the queue, with a proxy of their clips; again, what is new.",
    ),
    "serve": Command(
        "reviewing",
        "serve",
        "Serve the page on which people put captions right. Without an admin, it makes one and tells the password.",
    ),
    "collect": Command(
        "reviewing",
        "collect",
        "Bring what people decided into the lake, for good: `retold run` makes captions of it, `pick` uses them.",
    ),
    "user": Command("reviewing", "user", "Make an account, or change its role and password."),
    "export": Command(
        "reviewing",
        "export",
        "Items and decisions as Label Studio tasks or training triples; captions as WebVTT or a Hugging Face dataset.",
    ),
    "import": Command(
        "reviewing",
        "import_",
        "Bring annotations of Label Studio into the lake, as reviews; those that it has already are left alone.",
    ),
}
GROUPS: Mapping[str, tuple[str, Mapping[str, Command]]] = {
    "recipe": ("Check, complete and describe recipes.", RECIPE_COMMANDS),
    "review": ("The annotators' queue.", REVIEW_COMMANDS),
}
"""Commands of two words: what is said of the first, and which come after it."""
