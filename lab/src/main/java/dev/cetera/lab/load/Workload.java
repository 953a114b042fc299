package dev.cetera.lab.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.load.UnaryLoad.Request;
import java.util.SplittableRandom;
import java.util.function.Function;

/// What clients ask of a server, each kind measured by itself.
enum Workload {
    PUT("put", "put of a random key"),
    RANGE_SERIALIZABLE("range-serializable", "get of one random key, from the member's own state"),
    RANGE_LINEARIZABLE("range-linearizable", "get of one random key, confirmed by the cluster"),
    LIST_SERIALIZABLE("list-serializable", "get of --list-keys keys in order, from the member's own state"),
    LIST_LINEARIZABLE("list-linearizable", "get of --list-keys keys in order, confirmed by the cluster"),
    TXN("txn", "transaction: compare the key's create revision, then put it"),
    MIXED("mixed", "90 % linearizable gets of one key, 10 % puts"),
    WATCH_FANOUT("watch-fanout", "one key with --watchers watchers; an operation is one event delivered"),
    WATCH_KEYS("watch-keys", "--watchers keys with one watcher each; an operation is one event delivered"),
    WATCH_CATCH_UP("watch-catchup", "watchers that begin --history revisions ago; an operation is one event delivered"),
    LEASE_KEEP_ALIVE("lease-keepalive", "keep-alive of one lease a client, each on a stream of its own");

    /// Puts in flight to the one key that everybody watches: enough to keep the server busy, few enough that
    /// the time of an event is not the length of a queue.
    private static final int FANOUT_PUTS = 4;

    /// More would measure how the server shares its time among them.
    private static final int LATE_WATCHERS = 4;

    private static final int MIXED_READS_PERCENT = 90;

    private final String title;
    private final String description;

    Workload(String title, String description) {
        this.title = title;
        this.description = description;
    }

    String title() {
        return title;
    }

    String description() {
        return description;
    }

    static Workload titled(String title) {
        for (Workload workload : values()) {
            if (workload.title.equals(title)) {
                return workload;
            }
        }
        throw new IllegalArgumentException("workload " + title + ": expected one of those that --help lists");
    }

    /// Everything but the set-up of watchers and leases is done; [Load#start] sets the clients going.
    Load open(Settings settings, Connections connections, Meter meter) {
        return switch (this) {
            case PUT -> unary(settings, connections, meter, put(settings));
            case RANGE_SERIALIZABLE -> unary(settings, connections, meter, range(settings, 1, true));
            case RANGE_LINEARIZABLE -> unary(settings, connections, meter, range(settings, 1, false));
            case LIST_SERIALIZABLE -> unary(settings, connections, meter, range(settings, settings.listKeys(), true));
            case LIST_LINEARIZABLE -> unary(settings, connections, meter, range(settings, settings.listKeys(), false));
            case TXN -> unary(settings, connections, meter, txn(settings));
            case MIXED -> {
                var get = range(settings, 1, false);
                var put = put(settings);
                yield unary(
                        settings,
                        connections,
                        meter,
                        random -> random.nextInt(100) < MIXED_READS_PERCENT ? get.apply(random) : put.apply(random));
            }
            case WATCH_FANOUT -> new WatchLoad(settings, connections, meter, 1, settings.watchers(), FANOUT_PUTS);
            case WATCH_KEYS -> new WatchLoad(settings, connections, meter, settings.watchers(), 1, settings.clients());
            case WATCH_CATCH_UP ->
                new CatchUpLoad(
                        connections,
                        meter,
                        LATE_WATCHERS,
                        CatchUpLoad.write(settings, connections),
                        settings.history());
            case LEASE_KEEP_ALIVE -> new KeepAliveLoad(settings, connections, meter);
        };
    }

    private static Load unary(
            Settings settings, Connections connections, Meter meter, Function<SplittableRandom, Request> requests) {
        return new UnaryLoad(settings, connections, meter, requests);
    }

    private static Function<SplittableRandom, Request> put(Settings settings) {
        var template = template(putOf(settings), settings);
        return random -> new Request(Wire.PUT, template.with(random.nextInt(settings.keys()), 1), 1);
    }

    private static Function<SplittableRandom, Request> range(Settings settings, int count, boolean serializable) {
        var request = RangeRequest.newBuilder()
                .setKey(Template.first(settings.keySize()))
                .setSerializable(serializable);
        if (count > 1) {
            request.setRangeEnd(Template.end(settings.keySize()));
        }
        var template = template(request.build(), settings);
        int starts = settings.keys() - count + 1;
        int leastAnswer = count * (settings.keySize() + settings.valueSize());
        return random -> new Request(Wire.RANGE, template.with(random.nextInt(starts), count), leastAnswer);
    }

    private static Function<SplittableRandom, Request> txn(Settings settings) {
        ByteString key = Template.first(settings.keySize());
        var request = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key)
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setResult(Compare.CompareResult.GREATER)
                        .setCreateRevision(0))
                .addSuccess(RequestOp.newBuilder().setRequestPut(putOf(settings)))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(key)));
        var template = template(request.build(), settings);
        return random -> new Request(Wire.TXN, template.with(random.nextInt(settings.keys()), 1), 1);
    }

    private static Template template(MessageLite request, Settings settings) {
        return Template.of(request.toByteArray(), settings.keySize());
    }

    static PutRequest putOf(Settings settings) {
        return PutRequest.newBuilder()
                .setKey(Template.first(settings.keySize()))
                .setValue(value(settings))
                .build();
    }

    /// Random letters: a value that a disk or a codec could compress would flatter it.
    static ByteString value(Settings settings) {
        var random = new SplittableRandom(settings.seed());
        byte[] value = new byte[settings.valueSize()];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) ('a' + random.nextInt(26));
        }
        return ByteString.copyFrom(value);
    }
}
