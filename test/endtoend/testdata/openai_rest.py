"""Uses the REST routes through the unmodified openai client.

    openai_rest.py BASE_URL TOKEN CLIP.wav

One JSON object on standard output says what came of it; "problems" lists what was not as it must be.
"""

import base64
import json
import sys

import openai
from openai import OpenAI

base, token, clip = sys.argv[1:]
client = OpenAI(base_url=base, api_key=token, timeout=120, max_retries=0)
result, problems = {}, []


def check(what, holds):
    if not holds:
        problems.append(what)


models = [model.id for model in client.models.list()]
result["models"] = models
check("she is among the models", "twombly" in models)
check("a model can be asked for", client.models.retrieve("twombly").id == "twombly")
try:
    client.models.retrieve("of-nobody")
    problems.append("an unknown model is there")
except openai.NotFoundError:
    pass

# Herself, streamed.
pieces, usage = [], None
for chunk in client.chat.completions.create(
    model="twombly", stream=True, stream_options={"include_usage": True}, max_tokens=60,
    messages=[{"role": "user", "content": "In one short sentence: are you a person or a program?"}],
):
    if chunk.choices and chunk.choices[0].delta.content:
        pieces.append(chunk.choices[0].delta.content)
    usage = chunk.usage or usage
result["said"] = "".join(pieces)
check("the answer was streamed", len(pieces) > 1)
check("the usage is told", usage and usage.completion_tokens > 0)

# A function, and JSON by a schema, of the bare mind.
bare = next(model for model in models if model != "twombly")
weather = {
    "type": "function",
    "function": {
        "name": "get_weather", "description": "What the weather is in a city now.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
messages = [
    {"role": "system", "content": "You are a helpful companion. Answer in one short sentence."},
    {"role": "user", "content": "How is the weather in Lisbon right now?"},
]
answer = client.chat.completions.create(model=bare, messages=messages, tools=[weather], max_tokens=80, temperature=0)
calls = answer.choices[0].message.tool_calls
check("the mind called the function", calls and calls[0].function.name == "get_weather")
if calls:
    result["called"] = calls[0].function.arguments
    check("for that city", "Lisbon" in json.loads(calls[0].function.arguments)["city"])
    check("and says so", answer.choices[0].finish_reason == "tool_calls")
    messages += [
        answer.choices[0].message,
        {"role": "tool", "tool_call_id": calls[0].id, "content": '{"sky": "heavy rain", "celsius": 11}'},
    ]
    answer = client.chat.completions.create(model=bare, messages=messages, tools=[weather], max_tokens=60, temperature=0)
    result["knowing"] = answer.choices[0].message.content
    check("and knows what came of it", "rain" in (result["knowing"] or "").lower())
answer = client.chat.completions.create(
    model=bare, max_tokens=60, temperature=0,
    messages=[{"role": "user", "content": "Water the plants at seven in the morning."}],
    response_format={
        "type": "json_schema",
        "json_schema": {
            "name": "reminder",
            "schema": {
                "type": "object", "properties": {"what": {"type": "string"}, "hour": {"type": "integer"}},
                "required": ["what", "hour"], "additionalProperties": False,
            },
        },
    },
)
result["reminder"] = json.loads(answer.choices[0].message.content)
check("the schema holds", set(result["reminder"]) == {"what", "hour"})

# A recording into words, in all forms.
with open(clip, "rb") as file:
    result["heard"] = client.audio.transcriptions.create(model="twombly", file=file).text
with open(clip, "rb") as file:
    verbose = client.audio.transcriptions.create(model="twombly", file=file, response_format="verbose_json")
    check("segments have times", verbose.segments and 0 <= verbose.segments[0].start < verbose.segments[-1].end <= verbose.duration + 1)
for form, sign in (("text", ""), ("srt", "-->"), ("vtt", "WEBVTT")):
    with open(clip, "rb") as file:
        check(form, sign in client.audio.transcriptions.create(model="twombly", file=file, response_format=form))
with open(clip, "rb") as file:
    events = list(client.audio.transcriptions.create(model="twombly", file=file, stream=True))
    check("a streamed transcript", events[-1].type == "transcript.text.done" and events[-1].text == result["heard"])
try:
    client.audio.transcriptions.create(model="twombly", file=("clip.wav", b"no sound at all"))
    problems.append("rubbish was transcribed")
except openai.BadRequestError as error:
    check("rubbish is named", "recording" in error.message)

# Words into her voice, in all forms.
sentence = "The library closes at seven on Tuesday, and it is still raining."
result["sentence"], result["voices"] = sentence, {}
for form in ("wav", "opus", "pcm"):
    with client.audio.speech.with_streaming_response.create(
        model="twombly", voice="alloy", input=sentence, response_format=form
    ) as speech:
        result["voices"][form] = base64.b64encode(speech.read()).decode()
try:
    client.audio.speech.create(model="twombly", voice="alloy", input=sentence, response_format="mp3")
    problems.append("mp3 was written")
except openai.BadRequestError as error:
    check("what can't be written is named", "mp3" in error.message)

result["problems"] = problems
json.dump(result, sys.stdout)
