package dev.cetera.lab.cluster;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/// One client among [Writers]. Confined to its thread until that has ended.
final class Writer {
    static final int COUNTERS = 3;

    /// Of every key the part before the first slash.
    static final List<String> FOLDERS = List.of("put", "counter", "done");

    private static final long UNKNOWN = 0;

    final int number;
    final CountDownLatch ended = new CountDownLatch(1);
    private final List<Direct> members;
    private final Timeline timeline;
    private final Random random;
    private final Duration deadline;
    private int current;

    /// Revision of each put by its number, [#UNKNOWN] where no acknowledgement came.
    private long[] puts = new long[1 << 10];

    private int putCount;
    private final long[] acknowledged = new long[COUNTERS];
    private final long[] tried = new long[COUNTERS];

    Writer(int number, List<Direct> members, Timeline timeline, Random random, Duration deadline) {
        this.number = number;
        this.members = members;
        this.timeline = timeline;
        this.random = random;
        this.deadline = deadline;
        this.current = number % members.size();
    }

    static ByteString putKey(int writer, int put) {
        return ByteString.copyFromUtf8("put/" + writer + "/" + put);
    }

    static ByteString counterKey(int counter) {
        return ByteString.copyFromUtf8("counter/" + counter);
    }

    /// How many increments of the counter by this writer have taken effect: written together with the counter.
    static ByteString doneKey(int counter, int writer) {
        return ByteString.copyFromUtf8("done/" + counter + "/" + writer);
    }

    long acknowledged(int counter) {
        return acknowledged[counter];
    }

    long tried(int counter) {
        return tried[counter];
    }

    /// One call, or the few of one increment.
    void step() {
        Direct member = members.get(current);
        try {
            switch (random.nextInt(5)) {
                case 0 -> read(member);
                case 1 -> increment(member, random.nextInt(COUNTERS));
                default -> put(member);
            }
        } catch (StatusRuntimeException e) {
            Status status = e.getStatus();
            if (Writers.excusable(e)) {
                // The text of a missed deadline is different every time.
                boolean late = status.getCode() == Status.Code.DEADLINE_EXCEEDED;
                timeline.failed(status.getCode() + (late ? "" : " " + status.getDescription()));
            } else {
                timeline.broken("writer " + number + " was refused: " + status);
            }
            current = (current + 1) % members.size();
        }
    }

    private void read(Direct member) {
        long floor = timeline.newestRevision();
        long seen = Writers.read(member, deadline, counterKey(0));
        if (seen < floor) {
            timeline.broken("writer " + number + " read at revision " + seen + " what is at least at " + floor);
        }
    }

    private void put(Direct member) {
        if (putCount == puts.length) {
            puts = Arrays.copyOf(puts, putCount * 2);
        }
        int put = putCount++;
        puts[put] = UNKNOWN;
        long sent = System.nanoTime();
        long revision = member.kv(deadline)
                .put(PutRequest.newBuilder()
                        .setKey(putKey(number, put))
                        .setValue(value(put))
                        .build())
                .getHeader()
                .getRevision();
        puts[put] = revision;
        timeline.acknowledged(sent, System.nanoTime(), revision);
    }

    private static ByteString value(long value) {
        return ByteString.copyFromUtf8(Long.toString(value));
    }

    /// Exactly once, though an attempt without an answer may take effect later: an attempt compares the
    /// counter with what it was, and a counter never has a value twice; and the next attempt writes the same
    /// number of increments done, unless the one before is found to have taken effect.
    private void increment(Direct member, int counter) {
        ByteString counterKey = counterKey(counter);
        ByteString doneKey = doneKey(counter, number);
        TxnResponse now = member.kv(deadline)
                .txn(TxnRequest.newBuilder()
                        .addSuccess(get(counterKey))
                        .addSuccess(get(doneKey))
                        .build());
        long done = value(now, 1);
        if (done < acknowledged[counter] || done > tried[counter]) {
            timeline.broken("writer " + number + " finds " + done + " increments of counter " + counter
                    + ", acknowledged " + acknowledged[counter] + ", tried " + tried[counter]);
        }
        acknowledged[counter] = done;
        tried[counter] = done + 1;
        long before = value(now, 0);
        var compare = Compare.newBuilder().setKey(counterKey).setResult(Compare.CompareResult.EQUAL);
        if (before == 0) {
            compare.setTarget(Compare.CompareTarget.VERSION).setVersion(0);
        } else {
            compare.setTarget(Compare.CompareTarget.VALUE).setValue(value(before));
        }
        long sent = System.nanoTime();
        TxnResponse swapped = member.kv(deadline)
                .txn(TxnRequest.newBuilder()
                        .addCompare(compare)
                        .addSuccess(set(counterKey, before + 1))
                        .addSuccess(set(doneKey, done + 1))
                        .build());
        if (swapped.getSucceeded()) {
            acknowledged[counter] = done + 1;
            timeline.acknowledged(sent, System.nanoTime(), swapped.getHeader().getRevision());
        }
    }

    private static RequestOp get(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key))
                .build();
    }

    private static RequestOp set(ByteString key, long value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value(value)))
                .build();
    }

    /// Of the range at `place`; 0 where the key does not exist.
    private static long value(TxnResponse response, int place) {
        var range = response.getResponses(place).getResponseRange();
        return range.getKvsCount() == 0
                ? 0
                : Long.parseLong(range.getKvs(0).getValue().toStringUtf8());
    }

    /// Tells `problem` each put that is not as it was acknowledged.
    void verifyPuts(Tally tally, Consumer<String> problem) {
        for (int put = 0; put < putCount; put++) {
            ByteString key = putKey(number, put);
            long revision = tally.revision(key);
            if (puts[put] != UNKNOWN && revision != puts[put]) {
                problem.accept(key.toStringUtf8() + " was acknowledged at revision " + puts[put] + ", is "
                        + (revision == 0 ? "not there" : "at " + revision));
            }
            if (revision != 0 && (tally.value(key) != put || tally.version(key) != 1)) {
                problem.accept(key.toStringUtf8() + " is " + tally.value(key) + " in version " + tally.version(key));
            }
        }
    }
}
