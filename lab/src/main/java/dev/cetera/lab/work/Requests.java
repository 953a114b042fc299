package dev.cetera.lab.work;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmRequest.AlarmAction;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeRequest.SortOrder;
import dev.cetera.api.etcdserverpb.RangeRequest.SortTarget;
import java.util.Random;

/// Requests by chance, all of them well formed: a member that calls one malformed is wrong.
final class Requests {
    private static final SortOrder[] ORDERS = {SortOrder.NONE, SortOrder.ASCEND, SortOrder.DESCEND};
    private static final SortTarget[] TARGETS = {
        SortTarget.KEY, SortTarget.VERSION, SortTarget.CREATE, SortTarget.MOD, SortTarget.VALUE
    };

    private final Profile profile;
    private final Keyspace keys;
    private final Lore lore;
    private final Random random;

    Requests(Profile profile, Keyspace keys, Lore lore, Random random) {
        this.profile = profile;
        this.keys = keys;
        this.lore = lore;
        this.random = random;
    }

    /// True once in `of` times.
    private boolean once(int of) {
        return random.nextInt(of) == 0;
    }

    PutRequest put() {
        return put(keys.key());
    }

    PutRequest put(ByteString key) {
        var put = PutRequest.newBuilder().setKey(key).setPrevKv(once(3));
        if (once(12)) {
            put.setIgnoreValue(true);
        } else {
            put.setValue(keys.value());
        }
        if (once(12)) {
            put.setIgnoreLease(true);
        } else if (once(4)) {
            put.setLease(lore.someLease());
        }
        return put.build();
    }

    DeleteRangeRequest delete() {
        return delete(keys.writable());
    }

    DeleteRangeRequest delete(Keyspace.Range range) {
        return DeleteRangeRequest.newBuilder()
                .setKey(range.key())
                .setRangeEnd(range.end())
                .setPrevKv(once(2))
                .build();
    }

    RangeRequest range() {
        var keysToRead = keys.any();
        var range = RangeRequest.newBuilder().setKey(keysToRead.key()).setRangeEnd(keysToRead.end());
        range.setSerializable(once(4));
        if (once(3)) {
            range.setRevision(lore.someRevision());
        }
        if (once(4)) {
            range.setLimit(1 + random.nextInt(4));
        }
        if (once(3)) {
            range.setSortOrder(ORDERS[random.nextInt(ORDERS.length)])
                    .setSortTarget(TARGETS[random.nextInt(TARGETS.length)]);
        }
        if (once(8)) {
            filter(range);
        }
        if (once(10)) {
            range.setKeysOnly(true);
        }
        if (once(10)) {
            range.setCountOnly(true);
        }
        return range.build();
    }

    private void filter(RangeRequest.Builder range) {
        switch (random.nextInt(4)) {
            case 0 -> range.setMinModRevision(lore.past());
            case 1 -> range.setMaxModRevision(lore.past());
            case 2 -> range.setMinCreateRevision(lore.past());
            default -> range.setMinCreateRevision(lore.past()).setMaxModRevision(lore.newest());
        }
    }

    /// Near the present, so that watches and reads of the past meet it.
    CompactionRequest compaction() {
        return CompactionRequest.newBuilder()
                .setRevision(once(6) ? lore.someRevision() : lore.past())
                .setPhysical(random.nextBoolean())
                .build();
    }

    LeaseGrantRequest grant() {
        return LeaseGrantRequest.newBuilder()
                .setTTL(profile.leastTtl() + random.nextInt(profile.mostTtl() - profile.leastTtl() + 1))
                .setID(random.nextBoolean() ? lore.chosenLease() : 0)
                .build();
    }

    LeaseTimeToLiveRequest timeToLive() {
        return LeaseTimeToLiveRequest.newBuilder()
                .setID(lore.someLease())
                .setKeys(random.nextBoolean())
                .build();
    }

    HashKVRequest hash() {
        return HashKVRequest.newBuilder()
                .setRevision(random.nextBoolean() ? 0 : lore.past())
                .build();
    }

    /// Lists alarms, or takes back the one for lack of space.
    AlarmRequest alarm() {
        return once(3)
                ? AlarmRequest.newBuilder()
                        .setAction(AlarmAction.DEACTIVATE)
                        .setMemberID(lore.someMember())
                        .setAlarm(AlarmType.NOSPACE)
                        .build()
                : AlarmRequest.getDefaultInstance();
    }
}
