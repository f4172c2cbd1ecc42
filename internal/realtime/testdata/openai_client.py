"""Holds a conversation through the unmodified openai client, over WebSocket, and checks every event against its types.

    openai_client.py WS_BASE_URL TOKEN CLIP.wav [--realtime] [--timeout SECONDS]

WS_BASE_URL is like ws://127.0.0.1:8080/v1. The clip (16-bit mono WAV at 24 kHz) is said, followed by silence; the
spoken answer is awaited, then a message is typed and answered, and at last the protocol's smaller parts are tried.
One JSON object on standard output says what happened; the exit status is 0 when all of it was as it must be.
"""

import argparse
import asyncio
import base64
import collections
import json
import sys
import time
import wave

import pydantic
from openai import AsyncOpenAI
from openai.types.realtime import RealtimeServerEvent

STRICT = pydantic.TypeAdapter(RealtimeServerEvent)


class Conversation:
    def __init__(self, connection, timeout):
        self.connection = connection
        self.timeout = timeout
        self.counts = collections.Counter()
        self.invalid = []
        self.log = []

    async def event(self):
        raw = await asyncio.wait_for(self.connection.recv_bytes(), self.timeout)
        event = self.connection.parse_event(raw)  # as the client gives it to its users
        if not event.type.startswith("twombly."):
            try:
                STRICT.validate_json(raw)  # the client is lenient; its types are not
            except pydantic.ValidationError as error:
                self.invalid.append(f"{event.type}: {error}")
        self.counts[event.type] += 1
        self.log.append(event)
        return event

    async def until(self, kind, where=lambda event: True):
        while True:
            event = await self.event()
            if event.type == kind and where(event):
                return event

    def since(self, start, kind):
        return [event for event in self.log[start:] if event.type == kind]


async def say(connection, clip, realtime):
    with wave.open(clip) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24000, 1, 2), "24 kHz, mono, 16 bits"
        sound = file.readframes(file.getnframes())
    sound += bytes(2 * 24000 * 2)
    step = 24000 // 10 * 2
    began = time.monotonic()
    for number, at in enumerate(range(0, len(sound), step)):
        await connection.input_audio_buffer.append(audio=base64.b64encode(sound[at : at + step]).decode())
        if realtime:
            await asyncio.sleep(max(0, began + (number + 1) * 0.1 - time.monotonic()))


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("token")
    arguments.add_argument("clip")
    arguments.add_argument("--realtime", action="store_true")
    arguments.add_argument("--timeout", type=float, default=60)
    arguments = arguments.parse_args()

    client = AsyncOpenAI(
        api_key=arguments.token, base_url=arguments.url.replace("ws", "http", 1), websocket_base_url=arguments.url
    )
    result = {}
    problems = []

    def check(what, holds):
        if not holds:
            problems.append(what)

    async with client.realtime.connect(model="twombly") as connection:
        talk = Conversation(connection, arguments.timeout)
        created = await talk.until("session.created")
        check("a session has an audio configuration", created.session.audio is not None)
        await connection.session.update(
            session={
                "type": "realtime",
                "output_modalities": ["audio"],
                "audio": {
                    "input": {"turn_detection": {"type": "semantic_vad"}, "format": {"type": "audio/pcm", "rate": 24000}},
                    "output": {"voice": "marin"},
                },
            }
        )
        await talk.until("session.updated")

        # A spoken exchange.
        start = len(talk.log)
        saying = asyncio.create_task(say(connection, arguments.clip, arguments.realtime))
        done = await talk.until("response.done", lambda event: event.response.status == "completed")
        await saying
        heard = talk.since(start, "conversation.item.input_audio_transcription.completed")
        audio = b"".join(base64.b64decode(event.delta) for event in talk.since(start, "response.output_audio.delta"))
        reply = done.response.output[0]
        result["heard"] = " ".join(event.transcript for event in heard)
        result["said"] = reply.content[0].transcript
        result["audio_seconds"] = len(audio) / 48000
        check("the person's words were transcribed", result["heard"] != "")
        check("she said something", result["said"])
        check("her voice was heard", result["audio_seconds"] > 0.2)
        check("speech was noticed", talk.since(start, "input_audio_buffer.speech_started"))
        check("the deltas are the transcript", "".join(
            event.delta for event in talk.since(start, "response.output_audio_transcript.delta")
            if event.response_id == done.response.id
        ) == result["said"])

        # What was heard of it.
        await connection.conversation.item.truncate(item_id=reply.id, content_index=0, audio_end_ms=150)
        truncated = await talk.until("conversation.item.truncated", lambda event: event.audio_end_ms == 150)
        check("the item was truncated", truncated.item_id == reply.id)
        await connection.conversation.item.retrieve(item_id=reply.id)
        retrieved = await talk.until("conversation.item.retrieved")
        check("the item holds what was heard", result["said"].startswith(retrieved.item.content[0].transcript.strip()))

        # A typed message.
        start = len(talk.log)
        await connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Say hello to me, please."}]}
        )
        await talk.until("conversation.item.done", lambda event: event.item.role == "user")
        await connection.response.create(response={"output_modalities": ["text"]})
        done = await talk.until("response.done", lambda event: event.response.status == "completed")
        result["wrote"] = done.response.output[0].content[0].text
        check("she wrote something", result["wrote"])
        check("no sound of a written answer", not talk.since(start, "response.output_audio.delta"))

        # A function of the client's.
        start = len(talk.log)
        await connection.session.update(
            session={
                "type": "realtime",
                "tools": [
                    {
                        "type": "function",
                        "name": "get_weather",
                        "description": "What the weather is in a city now.",
                        "parameters": {
                            "type": "object",
                            "properties": {"city": {"type": "string"}},
                            "required": ["city"],
                            "additionalProperties": False,
                        },
                    }
                ],
            }
        )
        updated = await talk.until("session.updated")
        check("the session has the function", updated.session.tools[0].name == "get_weather")
        await connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "How is the weather in Lisbon?"}]}
        )
        await connection.response.create(
            response={"output_modalities": ["text"], "tool_choice": {"type": "function", "name": "get_weather"}}
        )
        done = await talk.until("response.done", lambda event: event.response.status == "completed")
        call = done.response.output[-1]
        result["called"] = getattr(call, "arguments", None)
        check("she called the function", call.type == "function_call" and call.name == "get_weather")
        check("with arguments that it takes", list(json.loads(call.arguments)) == ["city"])
        check("the deltas are the arguments", "".join(
            event.delta for event in talk.since(start, "response.function_call_arguments.delta")
        ) == call.arguments)
        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": "call_of_nobody", "output": "{}"}
        )
        error = await talk.until("error")
        check("an output without a call is refused", error.error.param == "item.call_id")
        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call.call_id, "output": '{"sky": "heavy rain", "celsius": 11}'}
        )
        await talk.until("conversation.item.done", lambda event: event.item.type == "function_call_output")
        await connection.response.create(response={"output_modalities": ["text"], "tool_choice": "none"})
        done = await talk.until("response.done", lambda event: event.response.status == "completed")
        result["knowing"] = done.response.output[0].content[0].text
        check("she said what came of it", result["knowing"])
        await connection.session.update(session={"type": "realtime", "tools": []})
        await talk.until("session.updated")

        # Turns of the client's own.
        start = len(talk.log)
        await connection.session.update(
            session={"type": "realtime", "output_modalities": ["text"], "audio": {"input": {"turn_detection": None}}}
        )
        await talk.until("session.updated")
        await say(connection, arguments.clip, False)
        await connection.input_audio_buffer.commit()
        await connection.response.create()
        await connection.response.create()
        while not (talk.since(start, "error") and talk.since(start, "response.done")):
            await talk.event()
        codes = [event.error.code for event in talk.since(start, "error")]
        check("a second response at once is refused", codes == ["conversation_already_has_active_response"])
        check("and the first completed", talk.since(start, "response.done")[0].response.status == "completed")
        result["by_hand"] = " ".join(
            event.transcript for event in talk.since(start, "conversation.item.input_audio_transcription.completed")
        )
        check("what was committed was understood", result["by_hand"])
        check("no speech was noticed by itself", not talk.since(start, "input_audio_buffer.speech_started"))

        # What goes wrong is told, and nothing is lost.
        await connection.send({"type": "conversation.item.retrieve", "item_id": "item_of_nobody", "event_id": "mine"})
        error = await talk.until("error")
        check("an error names its event", error.error.event_id == "mine" and error.error.code == "item_retrieve_invalid_item_id")
        await connection.input_audio_buffer.append(audio="AAAA")
        error = await talk.until("error")
        check("odd audio is refused", error.error.code == "invalid_audio")
        await connection.input_audio_buffer.clear()
        await talk.until("input_audio_buffer.cleared")

    result["events"] = dict(talk.counts)
    result["problems"] = problems + talk.invalid
    json.dump(result, sys.stdout, indent=1)
    return 1 if result["problems"] else 0


sys.exit(asyncio.run(main()))
