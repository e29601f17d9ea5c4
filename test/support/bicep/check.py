"""Holds Bicep files against the contracts of the services that they address.

    check.py <contracts of Azure ML, JSON> <main.bicep>

Parses the file and its modules, and compares every resource with the model that Microsoft's own client of that very version of
the API would send: names of properties, required and read-only ones, kinds of values, and words that may stand there.
Prints what is found as JSON: {"files": [...], "resources": <number>, "problems": [...]}.
"""
import importlib, json, re, sys
from pathlib import Path
from pycep import BicepParser

MODELS = {
    "Microsoft.Authorization/roleAssignments@2022-04-01": "authorization.v2022_04_01.models.RoleAssignmentCreateParameters",
    "Microsoft.ContainerRegistry/registries@2023-07-01": "containerregistry.v2023_07_01.models.Registry",
    "Microsoft.Insights/components@2020-02-02": "applicationinsights.v2020_02_02.models.ApplicationInsightsComponent",
    "Microsoft.KeyVault/vaults@2023-02-01": "keyvault.v2023_02_01.models.VaultCreateOrUpdateParameters",
    "Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31": "msi.v2023_01_31.models.Identity",
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31": "msi.v2023_01_31.models.FederatedIdentityCredential",
    "Microsoft.OperationalInsights/workspaces@2021-06-01": "loganalytics.models.Workspace",
    "Microsoft.Storage/storageAccounts@2024-01-01": "storage.v2024_01_01.models.StorageAccountCreateParameters",
    "Microsoft.Storage/storageAccounts/blobServices@2024-01-01": "storage.v2024_01_01.models.BlobServiceProperties",
    "Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01": "storage.v2024_01_01.models.BlobContainer",
    "Microsoft.Storage/storageAccounts/managementPolicies@2024-01-01": "storage.v2024_01_01.models.ManagementPolicy",
}
ML_MODELS = {
    "Microsoft.MachineLearningServices/workspaces@2022-10-01": "Workspace",
    "Microsoft.MachineLearningServices/workspaces/computes@2022-10-01": "ComputeResource",
}
# What Bicep itself takes from a resource; the services never see it.
OF_BICEP = {"name", "parent", "scope", "dependsOn"}
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "Number": (int, float), "Boolean": bool, "String": str}

problems = []


class Properties:
    """What an object may hold: by name, how to check it, whether it is required, and whether it may not be said."""

    def __init__(self, model):
        self.model, self.members = model, {}

    def add(self, path, kind, required, read_only, words):
        *outer, name = path
        at = self
        for each in outer:
            at = at.members.setdefault(each, (Properties(f"{self.model}.{each}"), False, False, None))[0]
        at.members[name] = (kind, required, read_only, words)


def from_python(cls):
    properties = Properties(cls.__name__)
    rules = getattr(cls, "_validation", {})
    for attribute, entry in cls._attribute_map.items():
        path = [part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", entry["key"])]
        rule = rules.get(attribute, {})
        properties.add(path, (cls, entry["type"]), rule.get("required", False), rule.get("readonly", False), known_words(cls, attribute))
    return properties


def known_words(cls, attribute):
    """The client's documentation is the only place that says them."""
    for each in cls.__mro__:
        text = re.sub(r"\s+", " ", each.__doc__ or "")
        found = re.search(rf":ivar {attribute}: (.*?):vartype", text)
        listed = found and re.search(r"(?:Known|Possible) values (?:are|include): (.*)", found[1])
        if listed:
            return set(re.findall(r'"([^"]+)"', listed[1])) or None
    return None


def from_contracts(contracts, name):
    mapper = contracts["mappers"][name]["type"]
    properties = Properties(name)
    for key, entry in mapper["modelProperties"].items():
        path = [part.replace("\\\\.", ".") for part in re.split(r"(?<!\\)\.", entry.get("serializedName", key))]
        words = contracts["words"].get(f"{name}.{key}")
        properties.add(path, (contracts, entry["type"]), entry.get("required", False), entry.get("readOnly", False), words and set(words))
    return properties


def check_object(where, value, properties, of_bicep=frozenset()):
    for name, each in value.items():
        if name in of_bicep:
            continue
        if name not in properties.members:
            problems.append(f"{where}: {properties.model} has no property {name}")
            continue
        kind, _, read_only, words = properties.members[name]
        if read_only:
            problems.append(f"{where}.{name} is read-only")
        check_value(f"{where}.{name}", each, kind, words)
    for name, (kind, required, read_only, _) in properties.members.items():
        if required and not read_only and name not in value and name not in of_bicep:
            problems.append(f"{where}.{name} is missing")


def check_value(where, value, kind, words):
    if isinstance(value, dict) and ("operator" in value or "function" in value):
        operands = value.get("operator", {}).get("operands", {})
        for branch in ("true_value", "false_value"):
            if branch in operands:
                check_value(where, operands[branch], kind, words)
        return
    if isinstance(value, str) and is_expression(value):
        return
    if isinstance(kind, Properties):
        return check_object(where, value, kind) if isinstance(value, dict) else problems.append(f"{where} is no object")
    source, declared = kind
    if words and isinstance(value, str) and value not in words:
        problems.append(f"{where} can't be {value}: {', '.join(sorted(words))}")
    (check_declared if isinstance(source, type) else check_mapped)(where, value, source, declared)


def check_declared(where, value, source, declared):
    if declared in PLAIN:
        check_plain(where, value, PLAIN[declared])
    elif declared.startswith("["):
        check_list(where, value, (source, declared[1:-1]))
    elif not declared.startswith("{"):
        models = importlib.import_module(source.__module__.rsplit(".", 1)[0])
        cls = getattr(models, declared, None)
        if hasattr(cls, "_attribute_map"):
            check_value(where, value, from_python(cls), None)


def check_mapped(where, value, contracts, declared):
    if declared["name"] in PLAIN:
        check_plain(where, value, PLAIN[declared["name"]])
    elif declared["name"] == "Sequence":
        check_list(where, value, (contracts, declared["element"]["type"]))
    elif declared["name"] == "Composite":
        base = contracts["mappers"][declared["className"]]["type"]
        discriminator = base.get("polymorphicDiscriminator")
        chosen = contracts["discriminators"].get(f'{base["uberParent"]}.{value.get(discriminator["serializedName"])}') if discriminator else declared["className"]
        if chosen is None:
            problems.append(f'{where}.{discriminator["serializedName"]} can\'t be {value.get(discriminator["serializedName"])}')
        else:
            check_value(where, value, from_contracts(contracts, chosen), None)


def check_plain(where, value, kind):
    if not isinstance(value, kind) or kind is int and isinstance(value, bool):
        problems.append(f"{where} can't be {json.dumps(value)}")


def check_list(where, value, element):
    if not isinstance(value, list):
        return problems.append(f"{where} is no list")
    for index, each in enumerate(value):
        check_value(f"{where}[{index}]", each, element, None)


symbols = set()


def is_expression(text):
    """The parser leaves no quotes: what is named in the file, or reaches into something that is, stands for a value."""
    return "${" in text or re.split(r"[.\[(]", text)[0] in symbols


def parse(path):
    parsed = BicepParser().parse(text=path.read_text())
    for section in ("parameters", "variables", "resources", "modules", "outputs"):
        parsed.setdefault(section, {})
    return parsed


def check_file(path, parsed, contracts):
    symbols.clear()
    for section in ("parameters", "variables", "resources", "modules"):
        symbols.update(parsed[section])
    symbols.update(re.findall(r"\[for (\w+) in ", path.read_text()))
    for symbol, resource in parsed["resources"].items():
        if resource["existing"]:
            continue
        kind = f'{resource["type"]}@{resource["api_version"]}'
        where = f"{path.name}: {symbol}"
        if kind in MODELS:
            module, name = MODELS[kind].rsplit(".", 1)
            properties = from_python(getattr(importlib.import_module(f"azure.mgmt.{module}"), name))
        elif kind in ML_MODELS:
            properties = from_contracts(contracts, ML_MODELS[kind])
        else:
            problems.append(f"{where}: nothing is known here of {kind}")
            continue
        config = resource["config"]
        while "config" in config and "name" not in config:
            config = config["config"]
        check_object(where, config, properties, OF_BICEP)


def check_module(path, symbol, module, parsed, callers_text):
    given = set(module["config"].get("params", {}))
    declared = parsed["parameters"]
    for name in given - set(declared):
        problems.append(f"{path.name}: {symbol} has no parameter {name}")
    for name, parameter in declared.items():
        if name not in given and parameter["default"] is None:
            problems.append(f"{path.name}: {symbol} is not given {name}")
    for name in set(re.findall(rf"\b{symbol}\.outputs\.(\w+)", callers_text)) - set(parsed["outputs"]):
        problems.append(f"{path.name}: {symbol} has no output {name}")


def main(contracts_file, main_file):
    contracts = json.loads(Path(contracts_file).read_text())
    path = Path(main_file)
    template = parse(path)
    files, resources = {path: template}, 0
    for symbol, module in template["modules"].items():
        module_path = path.parent / module["detail"]["path"]
        files[module_path] = parse(module_path)
        check_module(path, symbol, module, files[module_path], path.read_text())
    for each, parsed in files.items():
        check_file(each, parsed, contracts)
        resources += len(parsed["resources"])
    settings = list(template["outputs"].get("settings", {}).get("value", {}))
    print(json.dumps({"files": [each.name for each in files], "resources": resources, "settings": settings, "problems": problems}))


main(*sys.argv[1:])
