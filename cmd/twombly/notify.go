package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// announce tells systemd, if it started this process and asked to be told (sd_notify(3)), that she is ready, and then, as often
// as its watchdog wants, that she is well. It returns when the context ends. Under anything else it does nothing.
func announce(ctx context.Context, well func() error, log *slog.Logger) {
	told, err := daemon.SdNotify(false, daemon.SdNotifyReady)
	if err != nil {
		log.Warn("systemd could not be told that she is ready", "error", err)
	}
	if !told {
		return
	}
	defer tellSystemd(daemon.SdNotifyStopping, log)
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		<-ctx.Done()
		return
	}
	ticker := time.NewTicker(every / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if err := well(); err != nil {
			log.Error("she is not well, and the watchdog is not told otherwise", "error", err)
			continue
		}
		tellSystemd(daemon.SdNotifyWatchdog, log)
	}
}

func tellSystemd(state string, log *slog.Logger) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("systemd could not be told", "state", state, "error", err)
	}
}
