package dev.cetera.lab.history;

import com.google.protobuf.Message;
import io.grpc.Status;

/// What came of a call.
public sealed interface Outcome {
    /// The member's response.
    record Answered(Message response) implements Outcome {}

    /// The member says that nothing was done and nothing will be.
    record Refused(Status.Code code, String text) implements Outcome {}

    /// No answer, or one that leaves open whether it was done or will be.
    record Unknown(String why) implements Outcome {}
}
