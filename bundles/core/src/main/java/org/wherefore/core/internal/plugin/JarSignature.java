package org.wherefore.core.internal.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.plugin.Signature;

/**
 * What a jar's signature is worth: every entry has to be signed by one and the same signer, whose certificate leads to a trusted one, all of
 * them valid at the given moment. A time stamp does not prolong that. The jar has passed {@link JarRules} before.
 */
final class JarSignature {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final String ANY_USE = "2.5.29.37.0";
    private static final String MAIN_DIGEST = "-digest-manifest-main-attributes";

    private JarSignature() {}

    /** @throws WhereforeException {@code INVALID_INPUT} when it is not a jar */
    static Signature of(Path jar, Collection<X509Certificate> trusted, Instant now) {
        try (JarFile file = new JarFile(jar.toFile(), true)) {
            List<JarEntry> all = file.stream().toList();
            boolean signed = all.stream().anyMatch(e -> isSignature(e.getName()));
            if (!signed) {
                return new Signature(Signature.UNSIGNED, "", "nobody signed it");
            }
            Set<CodeSigner> signers = null;
            try {
                Manifest manifest = file.getManifest();
                byte[] buffer = new byte[1 << 16];
                Set<String> names = new HashSet<>();
                for (JarEntry e : all) {
                    names.add(e.getName());
                    try (InputStream in = file.getInputStream(e)) {
                        while (in.read(buffer) >= 0) {
                            // its digest is compared at its end
                        }
                    }
                    if (e.isDirectory() || isSignature(e.getName()) || e.getName().equalsIgnoreCase(JarFile.MANIFEST_NAME)) {
                        continue;
                    }
                    if (e.getCodeSigners() == null) {
                        return signers == null && all.stream().noneMatch(x -> x.getCodeSigners() != null)
                                ? new Signature(Signature.INVALID, "", "its signature is incomplete, or made with an algorithm that is not accepted any more")
                                : new Signature(Signature.MODIFIED, "", "'" + e.getName() + "' is not signed, other entries are: it was added later");
                    }
                    Set<CodeSigner> of = Set.of(e.getCodeSigners());
                    signers = signers == null ? of : signers.stream().filter(of::contains).collect(Collectors.toSet());
                    if (signers.isEmpty()) {
                        return new Signature(Signature.MODIFIED, "", "'" + e.getName() + "' is signed by somebody else than the entries before it");
                    }
                }
                for (String name : manifest == null ? Set.<String>of() : manifest.getEntries().keySet()) {
                    if (!names.contains(name)) {
                        return new Signature(Signature.MODIFIED, "", "'" + name + "' was signed and has been taken out");
                    }
                }
                if (!coversMainAttributes(file, all)) {
                    return new Signature(Signature.INVALID, "", "its signature does not cover the manifest's main attributes; sign it with jarsigner");
                }
            } catch (SecurityException e) {
                return new Signature(Signature.MODIFIED, "", "it is not what was signed: " + e.getMessage());
            }
            return signers == null ? new Signature(Signature.INVALID, "", "it has a signature and nothing that is signed") : best(signers, trusted, now);
        } catch (IOException e) {
            throw WhereforeException.invalid(null, "this is not a jar (" + e.getMessage() + ")");
        }
    }

    private static boolean isSignature(String name) {
        String n = name.toUpperCase(Locale.ROOT);
        return n.startsWith("META-INF/") && n.indexOf('/', 9) < 0
                && (n.endsWith(".SF") || n.endsWith(".RSA") || n.endsWith(".DSA") || n.endsWith(".EC") || n.startsWith("META-INF/SIG-"));
    }

    private static boolean coversMainAttributes(JarFile file, List<JarEntry> all) throws IOException {
        for (JarEntry e : all) {
            if (e.getName().toUpperCase(Locale.ROOT).endsWith(".SF") && isSignature(e.getName())) {
                try (InputStream in = file.getInputStream(e)) {
                    if (new Manifest(in).getMainAttributes().keySet().stream().noneMatch(k -> k.toString().toLowerCase(Locale.ROOT).endsWith(MAIN_DIGEST))) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private static Signature best(Set<CodeSigner> signers, Collection<X509Certificate> trusted, Instant now) {
        Signature last = null;
        for (CodeSigner s : signers) {
            List<X509Certificate> chain = new ArrayList<>();
            s.getSignerCertPath().getCertificates().forEach(c -> chain.add((X509Certificate) c));
            String who = chain.get(0).getSubjectX500Principal().getName();
            String reason = reason(chain, trusted, now);
            if (reason.isEmpty()) {
                return new Signature(Signature.TRUSTED, who, "");
            }
            last = new Signature(Signature.INVALID, who, reason);
        }
        return last;
    }

    /** Why the chain is not to be trusted; empty when it is. */
    private static String reason(List<X509Certificate> chain, Collection<X509Certificate> trusted, Instant now) {
        X509Certificate leaf = chain.get(0);
        String who = leaf.getSubjectX500Principal().getName();
        Date date = Date.from(now);
        try {
            for (X509Certificate c : chain) {
                c.checkValidity(date);
                if (trusted.contains(c)) {
                    break;
                }
            }
            if (leaf.getExtendedKeyUsage() != null && !leaf.getExtendedKeyUsage().contains(CODE_SIGNING) && !leaf.getExtendedKeyUsage().contains(ANY_USE)
                    || leaf.getKeyUsage() != null && !leaf.getKeyUsage()[0]) {
                return "the certificate of " + who + " is not for signing code";
            }
            List<X509Certificate> path = new ArrayList<>();
            for (X509Certificate c : chain) {
                if (trusted.contains(c)) {
                    break;
                }
                path.add(c);
            }
            if (trusted.isEmpty()) {
                return untrusted(who);
            }
            if (path.isEmpty()) {
                return "";
            }
            Set<TrustAnchor> anchors = new HashSet<>();
            for (X509Certificate t : trusted) {
                if (!t.getNotAfter().before(date) && !t.getNotBefore().after(date)) {
                    anchors.add(new TrustAnchor(t, null));
                }
            }
            if (anchors.isEmpty()) {
                return "every certificate that this home trusts is out of date";
            }
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            parameters.setDate(date);
            CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            return "";
        } catch (CertificateExpiredException e) {
            return "the certificate of " + who + ", or one that it leads to, has expired";
        } catch (CertificateNotYetValidException e) {
            return "the certificate of " + who + ", or one that it leads to, is not valid yet";
        } catch (CertPathValidatorException e) {
            return untrusted(who);
        } catch (GeneralSecurityException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "certificates can't be checked: " + e, e);
        }
    }

    private static String untrusted(String who) {
        return "it is signed by " + who + ", whom this home does not trust; put the certificate, or that of its issuer, as a file into <home>/trust";
    }
}
