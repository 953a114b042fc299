package dev.cetera.peer;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Asks another member for its clock every few seconds: for the round trip, and to warn the operator. Nothing
/// else depends on it. Confined to its event loop.
final class Prober {
    private static final long MAX_CLOCK_DIFFERENCE = TimeUnit.SECONDS.toNanos(1);
    private static final long LOOK_WHEN_WELL = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOK_WHEN_NOT = TimeUnit.SECONDS.toNanos(5);

    /// Weight of a new round trip in the average: one eighth.
    private static final int SMOOTHING = 8;

    private final long peer;
    private final String name;
    private final UrlPicker picker;
    private final Surroundings around;
    private final EventLoop loop;
    private final Caller caller;
    private @Nullable Future<?> probes;
    private @Nullable Future<?> looks;
    private boolean asking;

    private boolean healthy;
    private String failure = "<nil>";
    private long roundTripNanos;
    private long clockDifferenceNanos;

    /// @param name as etcd's log lines have it
    Prober(long peer, String name, UrlPicker picker, Surroundings around, EventLoop loop) {
        this.peer = peer;
        this.name = name;
        this.picker = new UrlPicker(picker.urls());
        this.around = around;
        this.loop = loop;
        long silence = around.options().silenceNanos();
        this.caller = new Caller(around.dialer(), loop, silence, silence / 10 * 9);
    }

    void start() {
        long every = around.options().probeNanos();
        probes = loop.scheduleAtFixedRate(this::probe, every, every, TimeUnit.NANOSECONDS);
        looks = loop.schedule(this::look, LOOK_WHEN_NOT, TimeUnit.NANOSECONDS);
    }

    void update(UrlPicker newUrls) {
        picker.update(newUrls.urls());
    }

    private void probe() {
        var url = picker.pick();
        if (url == null || asking) {
            return;
        }
        asking = true;
        long start = around.time().nanos();
        caller.call(url, around.requests().probe(url), outcome -> {
            asking = false;
            failure = switch (outcome) {
                case Caller.Outcome.Failed(String why) -> why;
                case Caller.Outcome.Answered answered ->
                    read(answered, around.time().nanos() - start);
            };
            healthy = failure.equals("<nil>");
            if (!healthy) {
                picker.unreachable(url);
            }
        });
    }

    /// `<nil>` when the answer is good, as etcd prints no error.
    private String read(Caller.Outcome.Answered answered, long tookNanos) {
        if (answered.status() != 200) {
            return "got unexpected HTTP status code " + answered.status();
        }
        try {
            var health = JsonParser.parseString(answered.body()).getAsJsonObject();
            if (!health.has("OK") || !health.has("Now") || !health.get("OK").getAsBoolean()) {
                return "not OK";
            }
            note(OffsetDateTime.parse(health.get("Now").getAsString()).toInstant(), tookNanos);
            return "<nil>";
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | DateTimeException
                | ArithmeticException malformed) {
            return "malformed answer";
        }
    }

    private void note(Instant theirs, long tookNanos) {
        roundTripNanos += (tookNanos - roundTripNanos) / (roundTripNanos == 0 ? 1 : SMOOTHING);
        long ours = around.time().unixNanos();
        var now = Instant.ofEpochSecond(ours / 1_000_000_000, ours % 1_000_000_000);
        clockDifferenceNanos = Duration.between(theirs, now).toNanos() - roundTripNanos / 2;
        around.meters().roundTrip(peer, tookNanos);
    }

    private void look() {
        var shown = Long.toHexString(peer);
        if (!healthy) {
            around.log()
                    .warning("health check for peer " + shown + " could not connect: " + failure + " (prober \"" + name
                            + "\")");
        }
        if (clockDifferenceNanos > MAX_CLOCK_DIFFERENCE) {
            around.log()
                    .warning("the clock difference against peer " + shown + " is too high ["
                            + Shown.duration(clockDifferenceNanos) + " > " + Shown.duration(MAX_CLOCK_DIFFERENCE)
                            + "] (prober \"" + name + "\")");
        }
        looks = loop.schedule(this::look, healthy ? LOOK_WHEN_WELL : LOOK_WHEN_NOT, TimeUnit.NANOSECONDS);
    }

    void close() {
        if (probes != null) {
            probes.cancel(false);
        }
        if (looks != null) {
            looks.cancel(false);
        }
        caller.close();
    }
}
