package org.wherefore.core.internal.guard;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** A strategy asked the model for more than its budget and the margin beyond it. */
public final class Overspent extends WhereforeException {
    private static final long serialVersionUID = 1L;

    public Overspent(long asked, int allowed) {
        super(ErrorCode.UNSUPPORTED, "asked the model for " + asked + " evaluations, " + allowed + " are allowed");
    }
}
