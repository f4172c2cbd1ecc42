package speech

import (
	"math"

	"twombly/internal/native/onnx"
)

// The net speaks about 450 ms of silence before a clause and, after its final mark, 250 ms behind it. What it costs
// grows with what it speaks, so that of a clause of two words nearly half of the time went into silence that is
// trimmed anyway. Two changes to its graph, made in memory after the file was verified, save most of that:
//
//   - The durations of the marks at the end are cut before anything is computed from them.
//   - The silence at the beginning cannot be cut there: the net's recurrent layers need it to find into a sentence, and
//     swallow the first sound without it. It is cut behind them, before the generator (9 tenths of the cost), which is
//     made of convolutions and of norms over time: they see what they see in the middle of a sentence.
//
// The durations also come out, for they say exactly when each token sounds.
const (
	durations               = "/encoder/Clip_output_0"                   // [1, tokens] float32: the frames of each token, pads among them
	generatorFeatures       = "/decoder/decoder/decode.3/Div_4_output_0" // [1, 512, 2 × frames]
	generatorPitch          = "/decoder/decoder/Unsqueeze_output_0"      // [1, 1, 2 × frames]
	durationLimit           = "duration_limit"                           // a new input: [tokens] float32
	limitedDurations        = "limited_durations"                        // a new output
	leadFrames              = 7                                          // kept of the pad before the first token; the first sound lies in its last three
	markFrames              = 4                                          // of each mark that closes a run
	tailFrames              = 1                                          // of the pad after the last token
	longestFrame            = 200                                        // of any other token: no limit in effect
	columnsAFrame           = 2                                          // of what the generator is given
	timeAxis          int64 = 2
)

func kokoroPatch() onnx.Patch {
	number := func(name string, value int64) onnx.Node {
		return onnx.Node{Operator: "Constant", Output: name, Attributes: []onnx.Attribute{{Name: "value_ints", Ints: []int64{value}}}}
	}
	float := func(name string, value float32) onnx.Node {
		return onnx.Node{Operator: "Constant", Output: name, Attributes: []onnx.Attribute{{Name: "value_floats", Floats: []float32{value}}}}
	}
	const toInt64 = 7
	crop := func(tensor, reader string) onnx.Insertion {
		return onnx.Insertion{
			After:       tensor,
			Nodes:       []onnx.Node{{Operator: "Slice", Inputs: []string{tensor, "crop_start", "crop_end", "crop_axis"}, Output: tensor + "_cropped"}},
			Replacement: tensor + "_cropped",
			Reader:      reader,
		}
	}
	return onnx.Patch{
		Inputs: []onnx.Input{{Name: durationLimit}},
		Insertions: []onnx.Insertion{
			{After: durations, Replacement: limitedDurations, Nodes: []onnx.Node{
				{Operator: "Min", Inputs: []string{durations, durationLimit}, Output: limitedDurations},
				// crop_start = columnsAFrame × max(0, first duration - leadFrames)
				number("crop_axis_0", 0), number("crop_1", 1),
				number("crop_flat", -1),
				{Operator: "Reshape", Inputs: []string{limitedDurations, "crop_flat"}, Output: "crop_durations"},
				{Operator: "Slice", Inputs: []string{"crop_durations", "crop_axis_0", "crop_1"}, Output: "crop_lead"},
				float("crop_kept", leadFrames), float("crop_nothing", 0), float("crop_columns", columnsAFrame),
				{Operator: "Sub", Inputs: []string{"crop_lead", "crop_kept"}, Output: "crop_surplus"},
				{Operator: "Max", Inputs: []string{"crop_surplus", "crop_nothing"}, Output: "crop_frames"},
				{Operator: "Mul", Inputs: []string{"crop_frames", "crop_columns"}, Output: "crop_start_float"},
				{Operator: "Cast", Inputs: []string{"crop_start_float"}, Output: "crop_start", Attributes: []onnx.Attribute{{Name: "to", Int: toInt64}}},
				number("crop_end", math.MaxInt64), number("crop_axis", timeAxis),
			}},
			crop(generatorFeatures, ""),
			crop(generatorPitch, "/decoder/decoder/generator/f0_upsamp/Resize"),
		},
		Outputs: []string{limitedDurations},
	}
}
