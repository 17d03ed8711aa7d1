"""Answers filter cases as moto does: a JSON list of cases on stdin, a JSON list of true, false or an error on stdout."""

import json
import sys

from moto.events.models import EventPattern
from moto.sns.utils import FilterPolicyMatcher


def attribute(value):
    number = value["Type"] == "Number"
    return {"Type": value["Type"], "Value": float(value["Value"]) if number else value["Value"]}


def answer(case):
    try:
        if case["kind"] == "event":
            return EventPattern.load(json.dumps(case["pattern"])).matches_event(case["event"])
        attributes = {name: attribute(value) for name, value in case["attributes"].items()}
        return FilterPolicyMatcher(case["pattern"], case["scope"]).matches(attributes, case["message"])
    except Exception as error:
        return f"{type(error).__name__}: {error}"


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
