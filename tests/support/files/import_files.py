"""Small import files: a mapping of the Maven process, tables beside it, and the process as if it were published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.csv.files import CsvFiles, open_csv
from dealflow.adapters.imports.csv.look import look_at
from dealflow.adapters.imports.csv.plans import plan_csv
from dealflow.adapters.imports.mapping.file import ImportInvalid, read_mapping
from dealflow.adapters.imports.mapping.model import KnownProcess, TableMapping
from dealflow.adapters.processes.reader import load_process
from dealflow.application.imports.plans import DealPlan, Reject
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.suggest import nearest
from tests.support.deals.plain_process import digest_of
from tests.support.paths import PROCESS_DEFS, ROOT

MAVEN = ROOT / "examples" / "maven-crm"
NOW = datetime(2018, 1, 15, 9, tzinfo=UTC)
DEALS = "deals.csv"
SMALL = """\
source: small-crm
process: maven-crm
zone: UTC
snapshot: 2017-12-31T12:00:00Z
tables: {deals: deals.csv, products: products.csv}
rows: deals
joins:
  - {column: product, to: products.product, values: {GTXPro: GTX Pro}}
deal:
  id: id
  title: ['{customer}: {product}', product]
  opened: [engaged, snapshot]
  owner: owner
  customer: customer
  amount: amount
  currency: USD
  attributes: {series: products.series}
facts:
  by: stage
  values:
    New: []
    Engaging: [{stage: engaging, at: engaged}]
    Won: [{stage: engaging, at: engaged}, {outcome: won, at: closed, amount: value}]
    Lost: [{stage: engaging, at: engaged}, {outcome: lost, at: closed}]
"""
HEADER = "id,owner,product,customer,stage,engaged,closed,value,amount"
PRODUCTS = "product,series\nGTX Pro,GTX\nMG Special,MG\n"


@dataclass(frozen=True)
class Published:
    """A version as the store would give it."""

    ref: ProcessRef
    definition: ProcessDefinition


def maven_process() -> Published:
    """The shipped Maven template."""
    return shipped_process("maven-crm")


def shipped_process(name: str) -> Published:
    """A shipped template, as if it were published."""
    definition, problems = load_process(PROCESS_DEFS / f"{name}.yaml")
    assert definition is not None and not problems
    return Published(ProcessRef(name=definition.name, version=1, digest=digest_of(definition)), definition)


def lookup(*published: Published) -> Callable[[str], KnownProcess]:
    """Finds a published process as the use case does, with the nearest name in a refusal."""
    known = {process.ref.name: process for process in published or (maven_process(),)}

    def find(reference: str) -> KnownProcess:
        name = reference.partition("@")[0]
        if name not in known:
            raise refuse(Code.UNKNOWN_PROCESS, reference, suggestion=nearest(name, known))
        return known[name]

    return find


def small_mapping(folder: Path, text: str = SMALL) -> TableMapping:
    """The mapping, written into the folder and read."""
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path, lookup())


def small_files(folder: Path, *rows: str, mapping: str = SMALL, products: str = PRODUCTS) -> CsvFiles:
    """A deals table of these rows beside its products, opened with the mapping."""
    (folder / DEALS).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    (folder / "products.csv").write_text(products, encoding="utf-8")
    return open_csv([folder], small_mapping(folder, mapping))


def forms_of(files: CsvFiles) -> ColumnForms:
    """What the typed columns of the files are read by."""
    return look_at(files, NOW).forms(files.main.path.name)


def planned(files: CsvFiles, now: datetime = NOW) -> tuple[list[DealPlan], list[Reject]]:
    """Everything that the files give, plans and rejects apart."""
    items = list(plan_csv(files, now=now, forms=forms_of(files)))
    plans = [item for item in items if isinstance(item, DealPlan)]
    return plans, rejects_of(items)


def rejects_of(items: Sequence[DealPlan | Reject]) -> list[Reject]:
    """All that could not be used: whole records, and facts and values of deals."""
    rejects = [(item,) if isinstance(item, Reject) else item.rejects for item in items]
    return [reject for each in rejects for reject in each]


def problems_of(error: ImportInvalid, folder: Path) -> list[str]:
    """The problems as they are printed, without the folder."""
    return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
