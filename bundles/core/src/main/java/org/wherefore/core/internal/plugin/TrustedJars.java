package org.wherefore.core.internal.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.plugin.PluginTrust;
import org.wherefore.api.plugin.Signature;

/**
 * Trusts the certificates in {@code <home>/trust}, X.509 as PEM or DER, read at every question. The policy is the property
 * {@value #POLICY}; without it what is not signed is let in as long as there is no certificate, and not any more when there is one. What
 * was modified, or signed by a stranger or a certificate out of date, is never let in. Thread-safe.
 */
@Component(service = PluginTrust.class)
public class TrustedJars implements PluginTrust {
    static final String POLICY = "wherefore.plugins.trust";
    static final String SIGNED = "signed";
    static final String UNSIGNED = "unsigned";
    private static final List<String> POLICIES = List.of(SIGNED, UNSIGNED);
    private final Path folder;
    private final String given;

    @Activate
    public TrustedJars(BundleContext context) {
        this(Path.of(context.getProperty("wherefore.home")).resolve("trust"), context.getProperty(POLICY));
    }

    /** @param policy null or blank for the default */
    TrustedJars(Path folder, String policy) {
        this.folder = folder;
        String p = policy == null ? "" : policy.trim();
        if (!p.isEmpty() && !POLICIES.contains(p)) {
            System.getLogger(TrustedJars.class.getName()).log(System.Logger.Level.ERROR, "{0} is one of {1}, got ''{2}''; the strictest is used: {3}",
                    POLICY, POLICIES, p, SIGNED);
            p = SIGNED;
        }
        given = p;
    }

    @Override
    public String policy() {
        return policy(given.isEmpty() ? certificates() : Set.of());
    }

    private String policy(Set<X509Certificate> certificates) {
        return !given.isEmpty() ? given : certificates.isEmpty() ? UNSIGNED : SIGNED;
    }

    @Override
    public Signature examine(Path jar) {
        JarRules.BUNDLE.check(jar);
        return JarSignature.of(jar, certificates(), Instant.now());
    }

    @Override
    public Signature admit(Path jar) {
        Signature s = examine(jar);
        String way = switch (s.state()) {
            case Signature.TRUSTED -> "";
            case Signature.UNSIGNED -> policy().equals(SIGNED)
                    ? "; here plugins have to be signed (" + POLICY + "=" + SIGNED + "): sign it with jarsigner, by a certificate in " + folder : "";
            default -> s.reason().contains("trust") ? "" : "; get it again from whom it comes";
        };
        if (s.state().equals(Signature.UNSIGNED) ? !way.isEmpty() : !s.state().equals(Signature.TRUSTED)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "the signature of " + jar.getFileName().toString().replaceFirst("\\.upload$", "")
                    + " is '" + s.state() + "': " + s.reason() + way);
        }
        return s;
    }

    /** @throws WhereforeException {@code STORAGE} naming the file that holds none */
    private Set<X509Certificate> certificates() {
        Set<X509Certificate> out = new LinkedHashSet<>();
        if (!Files.isDirectory(folder)) {
            return out;
        }
        Path at = folder;
        try (Stream<Path> files = Files.list(folder)) {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Path f : files.filter(Files::isRegularFile).sorted().toList()) {
                at = f;
                try (InputStream in = Files.newInputStream(f)) {
                    for (Certificate c : factory.generateCertificates(in)) {
                        out.add((X509Certificate) c);
                    }
                }
            }
            return out;
        } catch (IOException | CertificateException e) {
            throw new WhereforeException(ErrorCode.STORAGE, at + " holds no X.509 certificates that can be read; mend it or take it away: " + e.getMessage(), e);
        }
    }
}
