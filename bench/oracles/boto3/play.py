"""Makes all calls to the endpoint in `ENDPOINT` and prints a JSON list of what came of them."""

import json
import os
import sys

import dynamodb_calls
import messaging_calls
import s3_calls
from recorder import Recorder

recorder = Recorder(os.environ["ENDPOINT"], os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
for calls in (s3_calls, messaging_calls, dynamodb_calls):
    calls.play(recorder)
json.dump(recorder.outcomes, sys.stdout)
