"""The package for authors of validators in Python."""
import contextlib
import io
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "workers" / "python"))
import hook_supervisor  # noqa: E402
from hook_supervisor import Context, Decorator, allow, ask, defer, deny, inform, nothing, rewrite  # noqa: E402

TOLD = {"name": "mine", "settings": {"limit": 3}, "cwd": "/p", "sessionId": "s", "timeLeftMs": 5}


class ValidatorPackage(unittest.TestCase):
    def test_a_decorated_function_is_what_the_worker_finds_and_gets_a_context(self):
        decorator = Decorator()

        @decorator
        def judge(event, context):
            return deny(f"{event['toolName']} in {context.cwd} by {context.session_id}, limit {context.settings['limit']}")

        self.assertEqual(decorator.validate({"toolName": "Bash"}, TOLD), {"decision": "deny", "reason": "Bash in /p by s, limit 3"})
        self.assertIsNone(decorator.validate_batch)
        self.assertEqual(judge({"toolName": "Bash"}, Context(TOLD)), decorator.validate({"toolName": "Bash"}, TOLD))

    def test_a_batch_gets_all_events_at_once(self):
        decorator = Decorator()

        @decorator.batch
        def judge_all(events, context):
            return [nothing() if event["n"] else deny(context.name) for event in events]

        self.assertEqual(decorator.validate_batch([{"n": 0}, {"n": 1}], TOLD), [{"decision": "deny", "reason": "mine"}, {}])
        self.assertIsNone(decorator.validate)

    def test_a_second_function_of_one_kind_is_an_error_for_its_author(self):
        decorator = Decorator()
        decorator(lambda event, context: None)
        with self.assertRaisesRegex(TypeError, "one module, one validator: second"):
            @decorator
            def second(event, context):
                pass

    def test_parentheses_are_an_error_that_says_so(self):
        with self.assertRaisesRegex(TypeError, "without parentheses"):
            Decorator()(None)

    def test_a_module_that_imports_the_decorator_by_name_has_it_as_its_validator(self):
        self.assertIsInstance(hook_supervisor.validator, Decorator)

    def test_helpers_are_the_verdicts_of_the_contract(self):
        self.assertEqual(
            [allow(), allow("a"), deny("b"), ask("c"), defer(), nothing(), inform("d"), rewrite({"x": 1}), rewrite({}, "e")],
            [{"decision": "allow"}, {"decision": "allow", "reason": "a"}, {"decision": "deny", "reason": "b"},
             {"decision": "ask", "reason": "c"}, {"decision": "defer"}, {}, {"context": "d"}, {"updatedInput": {"x": 1}},
             {"updatedInput": {}, "reason": "e"}])

    def test_what_remains_is_by_the_monotonic_clock_and_never_below_zero(self):
        in_a_second = Context({"timeLeftMs": 1000})
        self.assertTrue(500 < in_a_second.remaining_ms() <= 1000)
        self.assertLess(abs(in_a_second.deadline_at_ms - time.monotonic() * 1000 - 1000), 500)
        self.assertEqual(Context({"timeLeftMs": -1}).remaining_ms(), 0)
        self.assertEqual(Context({}).remaining_ms(), float("inf"))

    def test_a_log_line_goes_to_standard_error_with_the_name(self):
        with contextlib.redirect_stderr(io.StringIO()) as told, contextlib.redirect_stdout(io.StringIO()) as answer:
            Context(TOLD).log("slow today")
        self.assertEqual((told.getvalue(), answer.getvalue()), ("mine: slow today\n", ""))


if __name__ == "__main__":
    unittest.main()
