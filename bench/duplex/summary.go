package duplex

// Count is how often something happened among so many.
type Count struct{ Happened, Of int }

func (c *Count) add(happened bool) {
	c.Of++
	if happened {
		c.Happened++
	}
}

// Panel is what all outcomes come to.
type Panel struct {
	// Rates by their fixed names (R_R, R_Y, I_A, S_BC, S_VT, S_ND, cut_off, stops), and by name, a slash, and who or how
	// loud: "R_Y/human", "S_BC/5 dB".
	Rates map[string]Count
	// Times in ms: L_R, L_Y, stop (after the word's end), wait; and softer, which is in dB.
	Times map[string][]float64
	// Void counts the outcomes that tell nothing, by why.
	Void map[string]int
}

// rateOf is the name of the rate that a kind of event counts for.
var rateOf = map[Kind]string{
	Turn: "R_R", Pausing: "R_R", Interruption: "R_Y", Stop: "stops", Backchannel: "S_BC", Tic: "S_VT", Aside: "S_ND",
}

// Summarise makes the panel.
func Summarise(outcomes []Outcome) Panel {
	p := Panel{Rates: map[string]Count{}, Times: map[string][]float64{}, Void: map[string]int{}}
	for _, o := range outcomes {
		if o.Void != "" {
			p.Void[o.Void]++
			continue
		}
		p.count(rateOf[o.Event.Kind], o, o.Good)
		p.time("softer", o.SofterDB, o.SofterDB != 0)
		switch o.Event.Kind {
		case Turn, Pausing:
			p.count("I_A", o, o.Starts > 0)
			for i := range o.Pauses {
				p.count("cut_off", o, i < o.CutOff)
			}
			p.time("L_R", o.LatencyMS, o.Good)
			p.time("wait", o.WaitMS, o.WaitMS > 0)
		case Interruption:
			p.time("L_Y", o.LatencyMS, o.Good)
		case Stop:
			p.time("stop", o.AfterMS, o.Good)
		}
	}
	return p
}

// count counts an outcome for a rate, as a whole and by who and how loud.
func (p *Panel) count(name string, o Outcome, happened bool) {
	who := "synthetic"
	if o.Human {
		who = "human"
	}
	for _, key := range []string{name, name + "/" + who, name + "/" + o.Level} {
		count := p.Rates[key]
		count.add(happened)
		p.Rates[key] = count
	}
}

func (p *Panel) time(name string, value float64, known bool) {
	if known {
		p.Times[name] = append(p.Times[name], value)
	}
}
