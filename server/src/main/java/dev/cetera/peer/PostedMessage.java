package dev.cetera.peer;

import dev.cetera.raft.Message;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec;
import dev.cetera.raftpb.MessageCodec.Decoded;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/// One message, posted alone. It is gathered whole, and answered once the member has it.
final class PostedMessage implements Exchange {
    private final Serving serving;
    private final Surroundings around;
    private final Answer answer;
    private final String sender;
    private @Nullable ByteBuf body;

    PostedMessage(Serving serving, Surroundings around, Answer answer, HttpRequest request) {
        this.serving = serving;
        this.around = around;
        this.answer = answer;
        this.sender = String.valueOf(answer.ctx().channel().remoteAddress());
        if (HttpUtil.getContentLength(request, 0L) > around.options().postedBytes()) {
            unreadable("http: request body too large");
        } else {
            body = answer.ctx().alloc().heapBuffer();
        }
    }

    @Override
    public void content(ByteBuf bytes, End end) {
        var gathered = body;
        if (gathered == null) {
            return;
        }
        int more = bytes.readableBytes();
        if (end == End.BROKEN) {
            unreadable("malformed chunked encoding");
        } else if (more > around.options().postedBytes() - gathered.readableBytes()) {
            unreadable("http: request body too large");
        } else if (!serving.take(more)) {
            unreadable("too much is being received");
        } else {
            gathered.writeBytes(bytes);
            if (end == End.LAST) {
                whole(gathered);
            }
        }
    }

    private void unreadable(String why) {
        cut();
        around.log().merged("failed to read raft message (" + why + ") from " + sender);
        around.meters().receiveFailed(0);
        answer.refuseAndClose(400, "error reading raft message");
    }

    private void whole(ByteBuf gathered) {
        int size = gathered.readableBytes();
        Decoded decoded;
        try {
            decoded = MessageCodec.decode(gathered.array(), gathered.arrayOffset() + gathered.readerIndex(), size);
        } catch (MalformedException malformed) {
            cut();
            around.log().merged("failed to unmarshal raft message (" + malformed.getMessage() + ")");
            around.meters().receiveFailed(0);
            answer.refuse(400, "error unmarshaling raft message");
            return;
        }
        cut();
        around.meters().received(decoded instanceof Decoded.Said(Message message) ? message.from() : 0, size);
        switch (around.incoming().take(decoded)) {
            case TAKEN, IGNORED -> answer.noContent();
            case REFUSED, NOT_TAKEN -> answer.refuseAndClose(500, "error processing raft message");
        }
    }

    /// Lets go of the body.
    @Override
    public void cut() {
        if (body != null) {
            serving.release(body.readableBytes());
            body.release();
            body = null;
        }
    }
}
