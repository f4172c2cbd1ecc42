package endtoend

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/watch.js
var watchScript string

// browser is a tab of a real Chromium, watched for faults.
type browser struct {
	ctx context.Context

	lock     sync.Mutex
	faults   []string // errors on the console and of scripts
	requests []string // addresses that the page asked for
}

// newBrowser starts Chromium with a clip for a microphone, which is played once from when the microphone is opened.
func newBrowser(t testing.TB, microphone string) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here (Debian's package is chromium)")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 800), chromedp.WSURLReadTimeout(patience(2 * time.Minute)),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("mute-audio", true),
		chromedp.Flag("autoplay-policy", "user-gesture-required"),
	}
	if microphone != "" {
		options = append(options, chromedp.Flag("use-file-for-fake-audio-capture", microphone+"%noloop"))
	}
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, endBrowser := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, endTab := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		endTab()
		endBrowser()
	})
	b := &browser{ctx: ctx}
	// The first use of the context starts the browser and must not be given a deadline of its own.
	if err := chromedp.Listen(ctx, b.notice); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	b.do(t,
		sends(network.Enable, network.EnableParams{}), sends(log.Enable, cdp.Empty{}), sends(runtime.Enable, cdp.Empty{}),
		sends(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchScript}),
	)
	return b
}

// sends is an action that sends a command.
func sends[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// notice keeps what may be a fault.
func (b *browser) notice(event any) {
	b.lock.Lock()
	defer b.lock.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			text := "console:"
			for _, argument := range e.Args {
				text += " " + string(argument.Value) + argument.Description
			}
			b.faults = append(b.faults, text)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.faults = append(b.faults, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	}
}

// do runs actions, and fails the test if they do not succeed in time.
func (b *browser) do(t testing.TB, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience(2*time.Minute))
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatalf("in the browser: %v; faults so far: %q", err, b.seen())
	}
}

// value evaluates an expression in the page.
func value[T any](t testing.TB, b *browser, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience(2*time.Minute))
	defer cancel()
	result, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("in the browser: %v; faults so far: %q", err, b.seen())
	}
	return result
}

// button is a visible button by the words on it.
func button(words string) string { return `//button[contains(normalize-space(.), "` + words + `")]` }

func (b *browser) seen() []string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return append([]string(nil), b.faults...)
}

// strangers are the requests of the page that went to anywhere but an address.
func (b *browser) strangers(address string) (foreign []string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	for _, url := range b.requests {
		own := strings.HasPrefix(url, address+"/") || strings.HasPrefix(url, strings.Replace(address, "http", "ws", 1)+"/") ||
			strings.HasPrefix(url, "data:") || strings.HasPrefix(url, "blob:"+address)
		if !own && url != "about:blank" {
			foreign = append(foreign, url)
		}
	}
	return foreign
}

// waitFor waits until an expression is true in the page.
func waitFor(t testing.TB, b *browser, expression string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience(2*time.Minute))
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(patience(2*time.Minute)))); err != nil {
		t.Fatalf("waiting for %s: %v; faults so far: %q", expression, err, b.seen())
	}
}
