package org.wherefore.api.narrate;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.claim.Claim;

/** Renders claims as sentences. Thread-safe. */
@ProviderType
public interface Narrator {
    /** Languages it speaks; others fall back to English. */
    Set<Locale> locales();

    /**
     * One sentence for one claim, plain text; names in it are data and must be escaped where it is shown.
     *
     * @param domain whose wording to use, such as {@code ecommerce}
     * @param titles item id to the title a reader knows
     */
    String sentence(String domain, Claim claim, Locale locale, UnaryOperator<String> titles);

    /** The sentences of an explanation as one text. */
    String text(String domain, List<Claim> claims, Locale locale, UnaryOperator<String> titles);
}
