package dev.cetera.ctl.command;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.client.Header;
import dev.cetera.client.KeyValue;
import dev.cetera.client.WatchBatch;

/// What the client tells in its own types, as the messages that it came in.
final class Messages {
    private Messages() {}

    static ResponseHeader header(Header header) {
        return ResponseHeader.newBuilder()
                .setClusterId(header.clusterId())
                .setMemberId(header.memberId())
                .setRevision(header.revision())
                .setRaftTerm(header.raftTerm())
                .build();
    }

    static dev.cetera.api.mvccpb.KeyValue pair(KeyValue pair) {
        return dev.cetera.api.mvccpb.KeyValue.newBuilder()
                .setKey(ByteString.copyFrom(pair.key().buffer()))
                .setValue(ByteString.copyFrom(pair.value().buffer()))
                .setCreateRevision(pair.createRevision())
                .setModRevision(pair.modRevision())
                .setVersion(pair.version())
                .setLease(pair.lease())
                .build();
    }

    static WatchResponse watch(WatchBatch batch) {
        var answer = WatchResponse.newBuilder().setHeader(header(batch.header()));
        for (var event : batch.events()) {
            var message = Event.newBuilder()
                    .setType(event.isPut() ? Event.EventType.PUT : Event.EventType.DELETE)
                    .setKv(pair(event.kv()));
            event.previous().ifPresent(previous -> message.setPrevKv(pair(previous)));
            answer.addEvents(message);
        }
        return answer.build();
    }
}
