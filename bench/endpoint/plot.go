package endpoint

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
)

// Curve is a rule with one of its numbers at several values.
type Curve struct {
	Name   string  `json:"name"`
	Points []Point `json:"points"`
}

// Front leaves those points of many that no other beats in both, by the wait.
func Front(points []Point) (front []Point) {
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b Point) int {
		switch {
		case a.WaitMS != b.WaitMS:
			return order(a.WaitMS, b.WaitMS)
		default:
			return order(a.CutOff, b.CutOff)
		}
	})
	for _, point := range points {
		if len(front) == 0 || point.CutOff < front[len(front)-1].CutOff {
			front = append(front, point)
		}
	}
	return front
}

func order(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

//go:embed plot.html.tmpl
var plotPage string

// The drawing: pixels, and what they stand for.
const (
	plotWide, plotHigh = 640.0, 400.0
	plotWait           = 2500.0 // ms
	plotCut            = 1.0
)

// Plot writes a page with curves of pauses cut off against the wait, and one point to look at.
func Plot(w io.Writer, curves []Curve, here Point) error {
	page, err := template.New("plot").Funcs(template.FuncMap{
		"x":     func(p Point) float64 { return min(plotWide, p.WaitMS/plotWait*plotWide) },
		"y":     func(p Point) float64 { return plotHigh * (1 - p.CutOff/plotCut) },
		"color": func(i int) string { return []string{"#888", "#b4552d", "#2d6fb4"}[i%3] },
		"share": func(p Point) float64 { return 100 * p.CutOff },
		"times": func(n, by float64) float64 { return n * by },
	}).Parse(plotPage)
	if err != nil {
		return err
	}
	return page.Execute(w, map[string]any{
		"Curves": curves, "Here": here, "Wide": plotWide, "High": plotHigh, "Waits": []float64{500, 1000, 1500, 2000},
		"Shares": []float64{0.05, 0.25, 0.5, 0.75}, "Wait": plotWait,
	})
}
