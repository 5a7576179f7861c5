"""A sheet of prices from a TOML file; `infra/prices/example.toml` shows one."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from curate.prices import Prices
from jobs.toml import mistakes, read_toml, refused, unknown


def load_prices(path: Path) -> Prices:
    """RecipeError names each key that is wrong, and the cure."""
    data = read_toml(path, "sheet of prices")
    wrong = [*unknown(Prices, data)]
    try:
        prices = TypeAdapter(Prices).validate_python(data)  # what is unknown is passed over
        if not wrong:
            return prices
    except ValidationError as error:
        wrong += mistakes(error)
    raise refused(str(path), wrong)
