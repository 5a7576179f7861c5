"""What looks after a lake: audits of what is stored, what nobody refers to, and removal."""
