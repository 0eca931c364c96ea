package org.wherefore.api.plugin;

import java.util.Objects;

/**
 * What a jar's signature says, measured against the certificates that the home trusts.
 *
 * @param state one of the constants
 * @param signer the subject of the certificate that signed it, empty when there is none
 * @param reason in words; empty for {@link #CORE} and {@link #TRUSTED}
 */
public record Signature(String state, String signer, String reason) {
    /** It came with the distribution, which knows its digest. */
    public static final String CORE = "core";
    /** Every entry is signed, by a certificate that the home trusts and that is valid now. */
    public static final String TRUSTED = "trusted";
    /** Nobody signed it. */
    public static final String UNSIGNED = "unsigned";
    /** It was signed, and something was changed, added or taken out since. */
    public static final String MODIFIED = "modified";
    /** It is signed as a whole, but by nobody the home trusts, or by a certificate that is not valid now. */
    public static final String INVALID = "invalid";

    public Signature {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(signer, "signer");
        Objects.requireNonNull(reason, "reason");
    }
}
