package dev.cetera.apply;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/// The alarms that are raised. Each is stored as a key without a value: the encoded [AlarmMember] itself.
///
/// Confined to the applier, except [#list] and [#raised], which read one volatile list.
public final class Alarms {
    private static final Comparator<AlarmMember> ORDER = Comparator.comparingInt(AlarmMember::getAlarmValue)
            .thenComparing(AlarmMember::getMemberID, Long::compareUnsigned);

    private final TreeSet<AlarmMember> raised = new TreeSet<>(ORDER);
    private volatile List<AlarmMember> list = List.of();

    /// @throws InvalidProtocolBufferException when a stored key is no alarm
    static Alarms restore(Collection<byte[]> keys) throws InvalidProtocolBufferException {
        var alarms = new Alarms();
        alarms.replaceBy(keys);
        return alarms;
    }

    /// Forgets what was, and takes the stored ones.
    ///
    /// @throws InvalidProtocolBufferException when a stored key is no alarm; nothing is changed then
    void replaceBy(Collection<byte[]> keys) throws InvalidProtocolBufferException {
        var stored = new ArrayList<AlarmMember>(keys.size());
        for (var key : keys) {
            stored.add(AlarmMember.parseFrom(key));
        }
        raised.clear();
        raised.addAll(stored);
        list = List.copyOf(raised);
    }

    public List<AlarmMember> list() {
        return list;
    }

    public boolean raised(AlarmType type) {
        // Asked for every change: nearly always of an empty list, which a stream would cost more to look at.
        for (var alarm : list) {
            if (alarm.getAlarm() == type) {
                return true;
            }
        }
        return false;
    }

    /// False when it was raised already.
    boolean raise(AlarmMember alarm) {
        boolean fresh = raised.add(alarm);
        list = List.copyOf(raised);
        return fresh;
    }

    /// False when it was not raised.
    boolean disarm(AlarmMember alarm) {
        boolean was = raised.remove(alarm);
        list = List.copyOf(raised);
        return was;
    }
}
