package dev.cetera.lab.work;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.history.Outcome;
import io.grpc.Status;
import java.io.IOException;
import java.net.ConnectException;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictsTest {
    private static final Message PUT = PutRequest.getDefaultInstance();

    private static void assertOpen(Message request, Status status) {
        assertThat(Verdicts.of(request, status)).isInstanceOf(Outcome.Unknown.class);
    }

    private static void assertRefused(Message request, Refusal why) {
        assertThat(Verdicts.of(request, why.status())).isEqualTo(new Outcome.Refused(why.code(), why.text()));
    }

    @Test
    void whatMayStillBeDoneIsOpen() {
        for (var why : List.of(
                Refusal.TIMED_OUT,
                Refusal.TIMED_OUT_LEADER_FAILED,
                Refusal.TIMED_OUT_CONNECTION_LOST,
                Refusal.TIMED_OUT_TRANSFER,
                Refusal.LEADER_CHANGED,
                Refusal.STOPPED)) {
            assertOpen(PUT, why.status());
        }
    }

    @Test
    void whatTheTransportSaysLeavesItOpen() {
        assertOpen(PUT, Status.UNAVAILABLE);
        assertOpen(PUT, Status.UNAVAILABLE.withDescription("io exception"));
        assertOpen(PUT, Status.CANCELLED.withDescription("context canceled"));
        assertOpen(PUT, Status.DEADLINE_EXCEEDED.withDescription("context deadline exceeded"));
        assertOpen(PUT, Status.RESOURCE_EXHAUSTED.withDescription("grpc: received message larger than max (3 vs. 2)"));
    }

    @Test
    void withoutAConnectionNothingWasSent() {
        var status = Status.UNAVAILABLE.withDescription("io exception");
        assertOpen(PUT, status.withCause(new IOException("Connection reset by peer")));
        assertThat(Verdicts.of(PUT, status.withCause(new ConnectException("Connection refused"))))
                .isEqualTo(new Outcome.Refused(Status.Code.UNAVAILABLE, "never sent: Connection refused"));
    }

    @Test
    void aTextThatNobodyKnowsLeavesItOpenWhateverTheCode() {
        assertOpen(PUT, Status.INVALID_ARGUMENT.withDescription("etcdserver: key not found, or so"));
        assertOpen(PUT, Status.NOT_FOUND);
    }

    @Test
    void whatIsNeverDoneIsRefused() {
        assertRefused(PUT, Refusal.LEASE_NOT_FOUND);
        assertRefused(PUT, Refusal.KEY_NOT_FOUND);
        assertRefused(PUT, Refusal.TOO_MANY_REQUESTS);
        assertRefused(PUT, Refusal.NO_LEADER);
        assertRefused(PUT, Refusal.CORRUPT);
        assertRefused(TxnRequest.getDefaultInstance(), Refusal.COMPACTED);
        assertRefused(TxnRequest.getDefaultInstance(), Refusal.FUTURE_REVISION);
        assertRefused(CompactionRequest.getDefaultInstance(), Refusal.COMPACTED);
        assertRefused(LeaseGrantRequest.getDefaultInstance(), Refusal.LEASE_EXISTS);
        assertRefused(LeaseRevokeRequest.getDefaultInstance(), Refusal.LEASE_NOT_FOUND);
    }

    @Test
    void etcd33HasNoCodeForTooManyRequestsAndIsUnderstoodByTheText() {
        assertThat(Verdicts.of(PUT, Status.UNKNOWN.withDescription("etcdserver: too many requests")))
                .isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void aPutForWhichThereIsNoSpaceAnyMoreMayBeDoneAllTheSame() {
        assertOpen(PUT, Refusal.NO_SPACE.status());
        assertOpen(TxnRequest.getDefaultInstance(), Refusal.NO_SPACE.status());
        assertOpen(LeaseGrantRequest.getDefaultInstance(), Refusal.NO_SPACE.status());
        assertRefused(DeleteRangeRequest.getDefaultInstance(), Refusal.NO_SPACE);
    }

    @Test
    void aRenewalThatWasPassedOnIsOpenWhenTheLeaderIsLost() {
        assertOpen(LeaseKeepAliveRequest.getDefaultInstance(), Refusal.NO_LEADER.status());
    }

    @Test
    void everyRefusalThatIsNotInTheTableLeavesItOpen() {
        var open = EnumSet.allOf(Refusal.class);
        open.removeAll(Verdicts.nothingDone().keySet());
        open.forEach(refusal -> assertOpen(PUT, refusal.status()));
    }
}
