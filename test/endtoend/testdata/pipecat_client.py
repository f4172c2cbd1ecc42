"""Holds a conversation through the unmodified pipecat-ai package: a pipeline as its users build it, with a clip for a
microphone and a clock for a loudspeaker.

    pipecat_client.py WS_URL TOKEN CLIP.wav

WS_URL is like ws://127.0.0.1:8080/v1/realtime. She greets; the clip (16-bit mono WAV at 24 kHz) is said and answered; she is
asked for the weather, calls a function of ours and says what came of it; at last the clip is said into her answer.
One JSON object on standard output says what happened; the exit status is 0 when all of it was as it must be.
"""

import asyncio
import base64
import collections
import json
import sys
import time
import wave

from loguru import logger
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    ErrorFrame,
    FunctionCallResultFrame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMRunFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
)
from pipecat.observers.base_observer import BaseObserver
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import FunctionCallParams
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    AudioOutput,
    ConversationItem,
    ConversationItemCreateEvent,
    InputAudioTranscription,
    ItemContent,
    ResponseCreateEvent,
    ResponseProperties,
    SemanticTurnDetection,
    SessionProperties,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner

RATE = 24000
STEP = 0.02  # seconds of a frame of the microphone
PATIENCE = 90  # seconds for one answer


class Clock:
    """Says when the next piece of sound is due, as a sound card does."""

    def __init__(self):
        self.due = 0.0

    async def tick(self, seconds):
        self.due = max(self.due, time.monotonic()) + seconds
        await asyncio.sleep(self.due - time.monotonic())


class Microphone(BaseInputTransport):
    """Hears what it is given to say, and silence otherwise."""

    def __init__(self):
        super().__init__(TransportParams(audio_in_enabled=True))
        self.sounds = collections.deque()
        self.said = asyncio.Event()
        self.recording = None

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)
        self.recording = self.create_task(self.record())

    async def cleanup(self):
        await super().cleanup()
        if self.recording:
            await self.cancel_task(self.recording)

    async def record(self):
        clock = Clock()
        size = int(RATE * STEP) * 2
        while True:
            sound = self.sounds.popleft() if self.sounds else bytes(size)
            await self.push_audio_frame(InputAudioRawFrame(audio=sound, sample_rate=RATE, num_channels=1))
            if not self.sounds:
                self.said.set()
            await clock.tick(STEP)

    async def say(self, sound):
        """Returns when all of it was heard."""
        size = int(RATE * STEP) * 2
        self.said.clear()
        self.sounds.extend(sound[at : at + size].ljust(size, b"\0") for at in range(0, len(sound), size))
        await self.said.wait()


class Loudspeaker(BaseOutputTransport):
    """Plays at the pace of speech, so that she can be interrupted."""

    def __init__(self):
        super().__init__(TransportParams(audio_out_enabled=True, audio_out_end_silence_secs=0))
        self.clock = Clock()

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame):
        await self.clock.tick(len(frame.audio) / 2 / frame.sample_rate)
        return True


class Listener(BaseObserver):
    """Keeps the frames that the service makes of what the server sends, and those of who speaks when: those of words go
    upstream, to be taken there, and would reach no sink."""

    def __init__(self, service, problems):
        super().__init__(observe_every_push=False)
        self.service = service
        self.problems = problems
        self.log = []
        self.counts = collections.Counter()
        self.more = asyncio.Condition()

    async def on_push_frame(self, data):
        frame = data.frame
        if frame.broadcast_sibling_id and data.direction == FrameDirection.UPSTREAM:
            return  # a broadcast goes both ways; one of the two is enough
        if isinstance(frame, ErrorFrame):
            self.problems.append(frame.error)
        of_who_speaks = isinstance(frame, (BotStartedSpeakingFrame, BotStoppedSpeakingFrame, InterruptionFrame))
        if data.source is not self.service and not of_who_speaks:
            return
        self.counts[type(frame).__name__] += 1
        async with self.more:
            self.log.append(frame)
            self.more.notify_all()

    async def until(self, kind, start):
        """Waits for a frame of a kind, of those since start, and returns the place after it."""
        try:
            async with asyncio.timeout(PATIENCE), self.more:
                await self.more.wait_for(lambda: self.since(kind, start))
        except TimeoutError:
            missing = f"no {kind.__name__} within {PATIENCE} s; she said {self.said(start)!r}"
            raise TimeoutError(f"{missing}; there were {dict(self.counts)}") from None
        return next(at for at in range(start, len(self.log)) if isinstance(self.log[at], kind)) + 1

    def since(self, kind, start, end=None):
        return [frame for frame in self.log[start:end] if isinstance(frame, kind)]

    def heard(self, start):
        return " ".join(frame.text.strip() for frame in self.since(TranscriptionFrame, start))

    def said(self, start, end=None):
        return "".join(frame.text for frame in self.since(TTSTextFrame, start, end))

    def audio(self, start):
        return b"".join(frame.audio for frame in self.since(TTSAudioRawFrame, start))


async def get_weather(params: FunctionCallParams, city: str):
    """What the weather is in a city now.

    Args:
        city: The name of the city.
    """
    await params.result_callback({"city": city, "sky": "heavy rain", "celsius": 11})


async def write(service, text, **wish):
    """Writes to her, and asks for an answer."""
    content = [ItemContent(type="input_text", text=text)]
    message = ConversationItem(type="message", role="user", content=content)
    await service.send_client_event(ConversationItemCreateEvent(item=message))
    await service.send_client_event(ResponseCreateEvent(response=ResponseProperties(**wish)))


async def converse(worker, service, microphone, listener, clip, result):
    """The conversation; fills in the result as it goes, so that a part of it is seen when it ends early."""

    def check(what, holds):
        if not holds:
            result["problems"].append(what)

    # She begins, as in Pipecat's own examples.
    await worker.queue_frame(LLMRunFrame())
    await listener.until(BotStoppedSpeakingFrame, 0)
    result["greeted"] = listener.said(0)
    check("she greeted", result["greeted"] and listener.audio(0))

    # A spoken exchange.
    start = len(listener.log)
    await microphone.say(clip)
    await listener.until(BotStoppedSpeakingFrame, len(listener.log))
    result["heard"], result["said"] = listener.heard(start), listener.said(start)
    result["audio"] = base64.b64encode(listener.audio(start)).decode()
    check("the person's words were transcribed", result["heard"])
    check("she said something", result["said"])
    check("her voice was heard", len(listener.audio(start)) > 0.2 * RATE * 2)

    # A function of ours.
    start = len(listener.log)
    await write(service, "How is the weather in Lisbon?", tool_choice="required")
    at = await listener.until(FunctionCallResultFrame, start)
    call = listener.log[at - 1]
    result["called"] = {"name": call.function_name, "arguments": call.arguments}
    check("she called the function", call.function_name == "get_weather" and list(call.arguments) == ["city"])
    await listener.until(BotStoppedSpeakingFrame, at)
    result["knowing"] = listener.said(at)
    check("she said what came of it", result["knowing"])

    # An interruption. What Pipecat says was heard of her must not be refused: it ends its session at any error.
    start = len(listener.log)
    await write(service, "Tell me a long story of the sea, in ten sentences.")
    at = await listener.until(BotStartedSpeakingFrame, start)
    await microphone.say(clip)
    interrupted = await listener.until(InterruptionFrame, at)
    stopped = await listener.until(BotStoppedSpeakingFrame, interrupted)
    await listener.until(BotStoppedSpeakingFrame, stopped)
    result["interrupted"], result["heard_over_her"] = listener.said(start, interrupted), listener.heard(start)
    check("the words said over her were transcribed", result["heard_over_her"])
    check("she answered them", listener.said(stopped))


async def main(url, token, path):
    with wave.open(path) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2), "24 kHz, mono, 16 bits"
        clip = file.readframes(file.getnframes())
    result = {"heard": "", "said": "", "audio": "", "called": None, "frames": {}, "problems": []}
    logger.remove()
    logger.add(sys.stderr, level="INFO")
    logger.add(lambda message: result["problems"].append(message.record["message"]), level="ERROR")

    service = OpenAIRealtimeLLMService(
        api_key=token,
        base_url=url,
        settings=OpenAIRealtimeLLMService.Settings(
            model="twombly",
            system_instruction="Answer in one short sentence.",
            session_properties=SessionProperties(
                tool_choice="none",  # but where it is asked for: a small mind would call its one function at anything
                audio=AudioConfiguration(
                    input=AudioInput(transcription=InputAudioTranscription(), turn_detection=SemanticTurnDetection()),
                    output=AudioOutput(voice="marin"),
                ),
            ),
        ),
    )
    context = LLMContext([{"role": "user", "content": "Say hello to me, please."}], tools=[get_weather])
    user, assistant = LLMContextAggregatorPair(context)
    microphone, listener = Microphone(), Listener(service, result["problems"])
    worker = PipelineWorker(
        Pipeline([microphone, user, service, Loudspeaker(), assistant]),
        params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE),
        observers=[listener],
        enable_rtvi=False,
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    try:
        await converse(worker, service, microphone, listener, clip, result)
    except TimeoutError as error:
        result["problems"].append(str(error))
    await runner.cancel()
    await running
    result["frames"] = dict(listener.counts)
    json.dump(result, sys.stdout)
    return 1 if result["problems"] else 0


sys.exit(asyncio.run(main(*sys.argv[1:])))
