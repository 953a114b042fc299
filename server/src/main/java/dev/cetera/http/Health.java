package dev.cetera.http;

import dev.cetera.api.Refusal;
import dev.cetera.logs.Log;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// `/health`: true when no alarm is raised, somebody leads, and a linearizable read gets through within a
/// second. Alarms named as `exclude` don't count, as from etcd 3.5 on. Shared.
final class Health implements Pages.Page {
    private static final Log LOG = Log.of("etcdserver/api/etcdhttp");
    private static final long DEADLINE_MILLIS = 1000;

    private final Node node;
    private final Metrics metrics;

    Health(Node node, Metrics metrics) {
        this.node = node;
        this.metrics = metrics;
    }

    @Override
    public void serve(Request request, Consumer<Reply> reply) {
        if (!request.method().equals("GET")) {
            reply.accept(Reply.notAllowed("GET"));
            return;
        }
        var excluded =
                new QueryStringDecoder(request.query(), false).parameters().getOrDefault("exclude", List.of());
        var alarms = node.alarms().stream()
                .filter(alarm -> !excluded.contains(alarm.getAlarm().name()))
                .toList();
        if (!alarms.isEmpty()) {
            var alarm = alarms.getFirst();
            LOG.warning("/health error due to an alarm memberID:" + Long.toUnsignedString(alarm.getMemberID())
                    + " alarm:" + alarm.getAlarm() + " ");
            reply.accept(unhealthy());
        } else if (!node.hasLeader()) {
            LOG.warning("/health error due to no leader (status code 503)");
            reply.accept(unhealthy());
        } else {
            var check = new Check(reply);
            CompletableFuture.delayedExecutor(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(check::timedOut);
            node.linearize(check);
        }
    }

    private Reply unhealthy() {
        metrics.server.healthFailures.increment();
        return Reply.error(503, "{\"health\":\"false\"}");
    }

    /// The read and the clock race; the first one replies.
    private final class Check implements Answer<Long> {
        private final Consumer<Reply> reply;
        private final AtomicBoolean replied = new AtomicBoolean();

        Check(Consumer<Reply> reply) {
            this.reply = reply;
        }

        @Override
        public void done(Long revision) {
            if (replied.compareAndSet(false, true)) {
                metrics.server.healthSuccess.increment();
                LOG.info("/health OK (status code 200)");
                reply.accept(Reply.text(200, "{\"health\":\"true\"}"));
            }
        }

        @Override
        public void refused(Refusal why) {
            fail(why.text());
        }

        void timedOut() {
            fail("context deadline exceeded");
        }

        private void fail(String why) {
            if (replied.compareAndSet(false, true)) {
                LOG.warning("/health error (" + why + ") (status code 503)");
                reply.accept(unhealthy());
            }
        }
    }
}
