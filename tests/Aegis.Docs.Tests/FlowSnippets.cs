using Aegis.Testing;

namespace Aegis.Docs.Tests;

/// <summary>The example of docs/flows.md. The block stands between two markers, to the letter, and the method is a test.</summary>
public class FlowSnippets
{
    [Fact]
    public async Task Provenance()
    {
        var folder = Directory.CreateTempSubdirectory("aegis-docs-").FullName;
        var secret = Convert.ToBase64String(new byte[32]);
        // <provenance>
        var guard = AegisGuard.Create(AegisPolicy.Preset("balanced"), aegis => aegis
            .UseSessionStore(new FileSessionStore(folder))
            .UseProvenanceStore(new FileProvenanceStore(folder), key: Convert.FromBase64String(secret)));
        // </provenance>
        Assert.True((await guard.InspectAsync(new UserInput("Mail it to bob@corp.example."), new SessionId("conversation-7"), TestContext.Current.CancellationToken)).MayProceed);
        Assert.Single(Directory.GetFiles(folder, "*.log"));
        Directory.Delete(folder, recursive: true);
    }
}
