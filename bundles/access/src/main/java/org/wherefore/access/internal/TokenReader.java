package org.wherefore.access.internal;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jose.JOSEException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Caller;
import org.wherefore.api.access.Limits;
import org.wherefore.api.access.Role;

/**
 * Checks signed tokens (JWT): signature by a key of the issuer with an allowed algorithm, issuer, audience, times, and what the roles claim
 * says. Only algorithms with a public key are known here, and of a key set only its public keys are used: what verifies can't sign, so
 * neither {@code none} nor a public key taken for a shared secret gets through. Keys at an address are fetched when needed, kept for
 * five minutes, and asked for again at an unknown key id, at most every 30 seconds; old ones serve for an hour when it is out of reach.
 * Thread-safe.
 */
final class TokenReader {
    static final Set<String> ALGORITHMS = Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");
    private static final int MAX_LENGTH = 16_384;
    private static final long KEPT_MILLIS = 300_000;
    private static final long REFRESH_TIMEOUT_MILLIS = 5_000;
    private static final long AGAIN_MILLIS = 30_000;
    private static final long OUTAGE_MILLIS = 3_600_000;
    private static final System.Logger LOG = System.getLogger(TokenReader.class.getName());
    private final Settings.Tokens settings;
    private final Limits limits;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    /** @throws WhereforeException {@code INVALID_INPUT} when the keys can't be read or there is no public one */
    TokenReader(Settings.Tokens settings, Path home, Limits limits) {
        this.settings = settings;
        this.limits = limits;
        JWKSource<SecurityContext> keys = keys(settings.jwks(), home);
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(settings.algorithms().stream().map(JWSAlgorithm::parse)
                .collect(Collectors.toSet()), keys));
        DefaultJWTClaimsVerifier<SecurityContext> claims = new DefaultJWTClaimsVerifier<>(settings.audience(),
                new JWTClaimsSet.Builder().issuer(settings.issuer()).build(), Set.of("exp", "sub"));
        claims.setMaxClockSkew(settings.clockSkewSeconds());
        processor.setJWTClaimsSetVerifier(claims);
    }

    private static JWKSource<SecurityContext> keys(String from, Path home) {
        try {
            if (from.contains("://")) {
                return JWKSourceBuilder.<SecurityContext>create(URI.create(from).toURL()).cache(KEPT_MILLIS, REFRESH_TIMEOUT_MILLIS)
                        .rateLimited(AGAIN_MILLIS).outageTolerant(OUTAGE_MILLIS).build();
            }
            Path file = Settings.file(home, from);
            JWKSet all = JWKSet.parse(Files.readString(file));
            JWKSet open = new JWKSet(all.getKeys().stream().filter(AsymmetricJWK.class::isInstance).map(k -> k.toPublicJWK()).toList());
            if (open.getKeys().isEmpty()) {
                throw WhereforeException.invalid("access.jwt.jwks", file + " has no public key; access.jwt.jwks names a JWK set of the issuer");
            }
            return new ImmutableJWKSet<>(open);
        } catch (IOException | ParseException | IllegalArgumentException e) {
            // its message may hold a piece of the file
            throw WhereforeException.invalid("access.jwt.jwks", "access.jwt.jwks: '" + from + "' can't be read as a JWK set (" + e.getClass().getSimpleName() + ")");
        }
    }

    static boolean looksLikeOne(String credential) {
        int first = credential.indexOf('.');
        return first > 0 && credential.indexOf('.', first + 1) > 0;
    }

    /** @throws WhereforeException {@code UNAUTHENTICATED}, {@code MODEL_UNAVAILABLE} when the issuer's keys are out of reach */
    Caller read(String token) {
        if (token.length() > MAX_LENGTH) {
            throw refused("it is longer than " + MAX_LENGTH + " characters");
        }
        try {
            JWTClaimsSet claims = processor.process(token, null);
            Set<Role> roles = roles(claims.getClaims());
            if (roles.isEmpty()) {
                throw refused("its claim '" + String.join(".", settings.rolesClaim()) + "' names no role of this server");
            }
            String name = claims.getClaim("name") instanceof String n ? n : claims.getSubject();
            return new Caller("jwt:" + settings.issuer() + "#" + shorten(claims.getSubject()), shorten(name), roles, limits);
        } catch (ParseException e) {
            throw refused("it is no signed token");
        } catch (RateLimitReachedException e) {
            // its key id is unknown, and the keys were asked for a moment ago
            throw refused("no key of the issuer fits it");
        } catch (KeySourceException e) {
            LOG.log(System.Logger.Level.WARNING, "the keys of {0} can''t be fetched from {1}: {2}", settings.issuer(), settings.jwks(), e.getMessage());
            throw new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "the issuer's keys can't be fetched now; try again, or use an API key");
        } catch (BadJOSEException | JOSEException e) {
            throw refused(reason(e));
        } catch (RuntimeException e) {
            if (e instanceof WhereforeException w) {
                throw w;
            }
            throw refused("it is no signed token");
        }
    }

    /** In our own words: the library's may repeat what the token says. */
    private static String reason(Exception e) {
        String m = String.valueOf(e.getMessage());
        if (m.contains("Expired")) {
            return "it is expired";
        }
        if (m.contains("before use")) {
            return "it is not valid yet";
        }
        if (m.contains("audience")) {
            return "it is for another audience";
        }
        if (m.contains("\"iss\"") || m.contains("iss claim") || m.contains("JWT iss")) {
            return "it is of another issuer";
        }
        if (m.contains("missing required claims")) {
            return "it lacks a claim that is needed (iss, aud, sub, exp)";
        }
        return "its algorithm, key or signature is not accepted";
    }

    private Set<Role> roles(Map<String, Object> claims) {
        Object at = claims;
        for (String step : settings.rolesClaim()) {
            at = at instanceof Map<?, ?> m ? m.get(step) : null;
        }
        Collection<?> values = at instanceof Collection<?> c ? c : at instanceof String s ? List.of(s.split("[ ,]+")) : List.of();
        Set<Role> out = new LinkedHashSet<>();
        for (Object v : values) {
            if (!settings.roles().isEmpty()) {
                out.addAll(settings.roles().getOrDefault(String.valueOf(v), Set.of()));
            } else {
                for (Role r : Role.values()) {
                    if (r.text().equals(v)) {
                        out.add(r);
                    }
                }
            }
        }
        return out;
    }

    private static String shorten(String v) {
        String plain = v.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
        return plain.length() <= 100 ? plain : plain.substring(0, 100) + "…";
    }

    private static WhereforeException refused(String why) {
        return new WhereforeException(ErrorCode.UNAUTHENTICATED, "the bearer token is not accepted: " + why);
    }
}
