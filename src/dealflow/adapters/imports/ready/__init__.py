"""Mappings of stage histories as systems export them, in which only the names of the stages are to be filled."""

from importlib.resources import files
from string import Template

from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.phrase import phrase

# What stands in place of the process where none is named.
_STAGES = ("first-stage", "second-stage")


READY = {
    "hubspot": phrase("HubSpot: the history of the property dealstage"),
    "hubspot-stages": phrase("HubSpot: a row for each visit of a stage"),
    "hubspot-deals": phrase("HubSpot: a row for each deal, a date for each stage"),
    "salesforce": phrase("Salesforce: OpportunityHistory"),
    "salesforce-fields": phrase("Salesforce: OpportunityFieldHistory"),
    "salesforce-fivetran": phrase("Salesforce: opportunity_history of Fivetran"),
}


def ready_mapping(name: str, process: str = "your-process", definition: ProcessDefinition | None = None) -> str:
    """A mapping with a line for each stage of the process, or for two made-up ones; `name` is one of READY."""
    text = (files(__name__) / f"{name}.yaml").read_text(encoding="utf-8")
    stages = [stage.id for stage in definition.stages] if definition is not None else list(_STAGES)
    lines = [f"'NAME OF {stage}': [{{stage: {stage}}}]" for stage in stages]
    visits = [f"'NAME OF {stage}': [{{stage: {stage}, until: _fivetran_end}}]" for stage in stages]
    entered = [
        f"- {{stage: {stage}, at: 'ENTERED {stage}', until: 'EXITED {stage}', filled: 'ENTERED {stage}'}}"
        for stage in stages
    ]
    indent = "\n    "
    return Template(text).substitute(
        process=process,
        first=stages[0],
        stages=indent.join(lines),
        visits=indent.join(visits),
        entered=indent.join(entered),
    )
