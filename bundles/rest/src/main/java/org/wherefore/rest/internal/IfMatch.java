package org.wherefore.rest.internal;

import java.util.Arrays;
import java.util.function.Supplier;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.registry.Transition;

/** Changing only what the caller has seen (RFC 9110, If-Match). Stateless. */
final class IfMatch {
    private IfMatch() {}

    static Refused required(String address) {
        return new Refused(428, "precondition-required", null, "send If-Match with the ETag of GET …" + address);
    }

    /**
     * @param match the header
     * @param tag as it is now; null for what is not there
     * @param sequence that the tag stands for
     * @param moved what happened otherwise, for the message
     * @return the sequence that was seen
     */
    static long seen(String match, String tag, long sequence, String moved) {
        if (tag == null || Arrays.stream(match.split(",")).map(String::trim).noneMatch(m -> m.equals("*") || m.equals(tag))) {
            throw failed(moved + " since you read it; read it again");
        }
        return sequence;
    }

    /** Makes a change; one that was overtaken after its tag was compared is a 412, too. */
    static Transition changed(Supplier<Transition> change) {
        try {
            return change.get();
        } catch (WhereforeException e) {
            if (e.code() == ErrorCode.CONFLICT && e.pointer().filter("If-Match"::equals).isPresent()) {
                throw failed(e.getMessage());
            }
            throw e;
        }
    }

    private static Refused failed(String detail) {
        return new Refused(412, "precondition-failed", null, detail);
    }
}
