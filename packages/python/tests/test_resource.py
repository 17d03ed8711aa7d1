"""How ``Resource`` behaves where Python looks at it. What it reads is in the vectors both languages share."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from bowline import Resource, UnreadableLinkError
from bowline._resource import Resources
from bowline._sources import Links
from bowline.testing import resources

ORDERS = {"name": "orders", "tags": ["a", {"b": None}], "limits": {"rate": 5}, "type": "aws.Dynamo"}
APP = {"name": "shop", "stage": "dev"}
ENV = {"SST_RESOURCE_App": json.dumps(APP), "SST_RESOURCE_Orders": json.dumps(ORDERS)}
BOTH = {"App": APP, "Orders": ORDERS}


def resource(env: dict[str, str] = ENV) -> Resources:
    links = Links(env)
    return Resources(lambda: links)


class ResourceTest(unittest.TestCase):
    def test_is_a_dictionary_to_everyone(self) -> None:
        self.assertEqual(dict(resource()), BOTH)
        self.assertEqual({**resource()}, BOTH)
        self.assertEqual(resource() | {}, BOTH)
        self.assertEqual(json.loads(json.dumps(resource())), BOTH)
        self.assertEqual(json.loads(json.dumps(resource(), indent=2)), BOTH)
        self.assertEqual(json.dumps(resource({})), "{}")
        self.assertEqual(list(resource()), ["App", "Orders"])
        self.assertEqual([*resource().items()], [*BOTH.items()])
        self.assertEqual(len(resource()), 2)
        self.assertFalse(resource({}))
        self.assertEqual(resource(), resource())
        self.assertEqual(copy.deepcopy(resource()), BOTH)
        self.assertEqual(pickle.loads(pickle.dumps(resource().Orders)), ORDERS)
        self.assertIsNone(resource().get("Nope"))

    def test_names_can_be_asked_for(self) -> None:
        self.assertIn("Orders", resource())
        self.assertNotIn("Nope", resource())
        self.assertTrue(hasattr(resource(), "Orders"))
        self.assertFalse(hasattr(resource(), "Nope"))
        self.assertFalse(hasattr(resource().Orders, "tableName"))
        self.assertIn("Orders", dir(resource()))
        self.assertIn("tags", dir(resource().Orders))

    def test_nested_values_have_attributes(self) -> None:
        self.assertEqual(resource().Orders.limits.rate, 5)
        self.assertIsNone(resource().Orders.tags[1].b)
        with self.assertRaisesRegex(AttributeError, r"Resource\.Orders\.limits\.rat is missing.*mean rate"):
            resource().Orders.limits.rat

    def test_cannot_be_changed(self) -> None:
        for change in (
            lambda: resource().update({}),
            lambda: setattr(resource(), "Orders", 1),
            lambda: resource().__setitem__("Orders", 1),
            lambda: setattr(resource().Orders, "name", 1),
            lambda: resource().Orders.limits.pop("rate"),
        ):
            self.assertRaises(TypeError, change)

    def test_hides_in_logs_what_came_encrypted(self) -> None:
        secret = {"Key": {"value": "sk_live", "type": "sst.sst.Secret"}}
        shown = repr(resource({"SST_RESOURCES_JSON": json.dumps(secret)}))
        self.assertEqual(shown, "{'Key': [sst.sst.Secret]}")

    def test_a_broken_link_is_loud_and_alone(self) -> None:
        broken = resource({**ENV, "SST_RESOURCE_Bad": "sk_live"})
        self.assertIn("Bad", broken)
        self.assertRaises(UnreadableLinkError, lambda: hasattr(broken, "Bad"))
        self.assertRaises(UnreadableLinkError, lambda: json.dumps(broken))
        self.assertEqual(broken.Orders.name, "orders")
        self.assertIn("Cannot read SST_RESOURCE_Bad", repr(broken))
        self.assertNotIn("sk_live", repr(broken))

    def test_reads_the_environment_of_the_process(self) -> None:
        program = "from bowline import Resource; print(Resource.Orders.name)"
        source = str(Path(__file__).parents[1] / "src")
        env = {**os.environ, **ENV, "PYTHONPATH": source}
        answer = subprocess.run([sys.executable, "-Bc", program], env=env, capture_output=True, check=True)
        self.assertEqual(answer.stdout.strip(), b"orders")


class TestingTest(unittest.TestCase):
    def test_a_test_has_exactly_its_links(self) -> None:
        with resources({"Orders": {"name": "x"}}):
            self.assertEqual(Resource.Orders.name, "x")
            self.assertEqual(list(Resource), ["App", "Orders"])
        self.assertFalse(hasattr(Resource, "Orders"))

    def test_threads_do_not_see_each_others_links(self) -> None:
        def read(name: str) -> str:
            with resources({"Orders": {"name": name}}):
                return str(Resource.Orders.name)

        names = [str(index) for index in range(50)]
        with ThreadPoolExecutor(8) as pool:
            self.assertEqual([*pool.map(read, names)], names)


if __name__ == "__main__":
    unittest.main()
