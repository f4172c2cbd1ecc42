// Package audio is what sound is made of here: samples, rates, levels and files.
//
// Everywhere inside the program audio is mono float32 in [-1, 1]; a rate in Hz always travels beside it, as an argument
// or as part of a contract. Other forms exist only at the borders and are converted there:
//
//   - PCM16, little endian, as the OpenAI Realtime protocol and WAV files have it ([AppendPCM16], [DecodePCM16]);
//   - WAV files of many kinds, read with [ReadWAV] and written with [WriteWAV];
//   - other rates: [Resampler] is a streaming windowed-sinc resampler without aliasing;
//   - Opus packets: package opus encodes and decodes them with libopus;
//   - packets off a network: package jitter puts them in order and conceals what was lost;
//   - packets onto a network: package pace sends frames at the speed at which they will be heard.
//
// [Voiced] states the one energy rule by which this project says where speech begins and ends in a clip. Every latency
// that we publish starts at its last voiced sample.
package audio
