package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The versions that plugin projects import are those that this build uses. */
class SdkBomTest {
    private static Document pom(String path) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Path.of(path).toFile());
    }

    private static String child(Element of, String name) {
        NodeList all = of.getElementsByTagName(name);
        return all.getLength() == 0 ? "" : all.item(0).getTextContent().strip();
    }

    private static Map<String, String> versions(Document pom) {
        Map<String, String> versions = new TreeMap<>();
        NodeList all = pom.getElementsByTagName("dependency");
        for (int i = 0; i < all.getLength(); i++) {
            Element d = (Element) all.item(i);
            String version = child(d, "version");
            if (version.startsWith("${") && !version.equals("${project.version}")) {
                version = pom.getElementsByTagName(version.substring(2, version.length() - 1)).item(0).getTextContent();
            }
            versions.put(child(d, "groupId") + ":" + child(d, "artifactId"), version);
        }
        return versions;
    }

    @Test
    void hasNoParentAndTheVersionsOfTheBuild() throws Exception {
        Document sdk = pom("../bom/pom.xml");
        Document cnf = pom("../../cnf/bom/pom.xml");
        assertThat(sdk.getElementsByTagName("parent").getLength()).as("a parent would leak into plugin projects").isZero();
        assertThat(child(sdk.getDocumentElement(), "version")).isEqualTo(child(cnf.getDocumentElement(), "version"));
        Map<String, String> imported = versions(sdk);
        assertThat(imported).containsKeys("org.wherefore:org.wherefore.api", "org.wherefore:org.wherefore.testkit", "org.wherefore:org.wherefore.tck");
        imported.forEach((library, version) -> assertThat(version).as("version of %s in plugins-sdk/bom", library)
                .isEqualTo(library.startsWith("org.wherefore:") ? "${project.version}" : versions(cnf).get(library)));
    }
}
