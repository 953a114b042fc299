package dev.cetera.lab.work;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/// What clients have heard of, so that what they ask next is to the point: revisions that exist or have just
/// been compacted, leases that may still live, keys as they were last seen. Only chance is guided by it,
/// nothing is concluded from it.
final class Lore {
    /// How far back, or ahead, revisions are asked for.
    private static final int NEAR = 30;

    private static final int MEMBERS = 16;

    private final int leasesKept;
    private final Random random;
    private final List<Long> leases = new ArrayList<>();
    private final TreeSet<Long> members = new TreeSet<>();
    private final Map<ByteString, KeyValue> seen = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    private long newest = 1;
    private long compacted;

    Lore(int leasesKept, Random random) {
        this.leasesKept = leasesKept;
        this.random = random;
    }

    // ---- what is heard ----

    void hear(Message request, Message response) {
        var header = response.getDescriptorForType().findFieldByName("header");
        if (header != null && response.getField(header) instanceof ResponseHeader heard) {
            hear(heard);
            if (request instanceof PutRequest put && !put.getIgnoreValue()) {
                see(KeyValue.newBuilder()
                        .setKey(put.getKey())
                        .setValue(put.getValue())
                        .setModRevision(heard.getRevision())
                        .setLease(put.getLease())
                        .build());
            }
        }
        switch (response) {
            case RangeResponse range -> range.getKvsList().forEach(this::see);
            case LeaseGrantResponse grant -> granted(grant.getID());
            case WatchResponse watch -> {
                compacted = Math.max(compacted, watch.getCompactRevision());
                watch.getEventsList().stream().map(Event::getKv).forEach(this::see);
            }
            default -> {}
        }
        if (request instanceof CompactionRequest compaction) {
            compacted = Math.max(compacted, compaction.getRevision());
        }
    }

    private void hear(ResponseHeader header) {
        newest = Math.max(newest, header.getRevision());
        if (header.getMemberId() != 0 && members.size() < MEMBERS) {
            members.add(header.getMemberId());
        }
    }

    /// A deleted key has version 0, as an absent one has.
    private void see(KeyValue kv) {
        newest = Math.max(newest, kv.getModRevision());
        seen.merge(kv.getKey(), kv, (before, now) -> now.getModRevision() >= before.getModRevision() ? now : before);
    }

    private void granted(long lease) {
        leases.remove(lease);
        leases.add(lease);
        if (leases.size() > leasesKept) {
            leases.removeFirst();
        }
    }

    // ---- what is asked for ----

    /// The store has come to a revision, which need not be told by any answer.
    void reached(long revision) {
        newest = Math.max(newest, revision);
    }

    /// The newest revision that anybody was told of.
    long newest() {
        return newest;
    }

    /// The newest revision that may have been compacted.
    long compacted() {
        return compacted;
    }

    /// A key as it was when somebody saw it last.
    KeyValue seen(ByteString key) {
        return seen.getOrDefault(key, KeyValue.newBuilder().setKey(key).build());
    }

    /// One near the present; sometimes just where the past ends, rarely one that is gone or still to come.
    long someRevision() {
        return switch (random.nextInt(12)) {
            case 0 -> Math.max(1, compacted);
            case 1 -> Math.max(1, compacted - 1 + random.nextInt(3));
            case 2 -> newest + 1 + random.nextInt(3);
            default -> past();
        };
    }

    /// One that exists or existed.
    long past() {
        return Math.max(1, newest - random.nextInt(NEAR));
    }

    /// One that is still to come, soon.
    long future() {
        return newest + 2 + random.nextInt(NEAR);
    }

    /// A lease that was granted, or - rarely, or when none was - one that may never have been.
    long someLease() {
        if (leases.isEmpty() || random.nextInt(25) == 0) {
            return chosenLease();
        }
        return leases.get(random.nextInt(leases.size()));
    }

    /// A lease's id of a client's own choice; few, so that clients choose the same.
    long chosenLease() {
        return 1 + random.nextLong(2L * leasesKept);
    }

    /// One of the members that have answered; 0 when none has.
    long someMember() {
        return members.isEmpty() ? 0 : List.copyOf(members).get(random.nextInt(members.size()));
    }
}
