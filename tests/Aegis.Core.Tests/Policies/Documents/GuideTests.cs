using Aegis.Alerting;
using Aegis.Auditing;
using Aegis.Core.Tests.Judging;
using Aegis.Docs.Tests;
using Aegis.Policies;
using Moq;

namespace Aegis.Core.Tests.Policies.Documents;

/// <summary>Every configuration block of the production guide as a document of ours. Beside each stands which of its members have no engine yet; nothing else may be wrong with it. <c>AEGIS_WRITE_GOLDEN=1</c> writes the lists anew.</summary>
public class GuideTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Aegis.Core.Tests", "Policies", "Documents", "Guide");

    static GuideTests()
    {
        Environment.SetEnvironmentVariable("AEGIS_HMAC_SECRET", "of-thirty-two-bytes-and-a-few-more");
        Environment.SetEnvironmentVariable("AEGIS_CANARY_TOKEN", "canary-3f9a1c0d");
        Environment.SetEnvironmentVariable("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/x");
    }

    public static TheoryData<string> Blocks => [.. Directory.GetFiles(Folder, "*.policy.json").Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Blocks))]
    public void ABlockOfTheGuideLoadsButForMembersWhoseEngineIsNotThereYet(string block)
    {
        var (file, golden) = (Path.Combine(Folder, block), Path.Combine(Folder, Path.ChangeExtension(block, ".missing.txt")));
        IReadOnlyList<PolicyError> errors = [];
        try
        {
            AegisGuard.Create(AegisPolicy.Load(file), static builder => builder.UseJudge(new FakeJudge(JudgeVerdict.Approve)).UseAlertWebhook(new Mock<IAlertWebhook>().Object).UseAuditForwarder(new Forwarder()).OnAlert(static (_, _) => default)).Dispose();
        }
        catch (PolicyException e)
        {
            errors = e.Errors;
        }

        Assert.All(errors, static error => Assert.Equal("AEG110", error.Code));
        var missing = string.Concat(errors.Select(static error => $"{error.Path}\n"));
        if (Environment.GetEnvironmentVariable("AEGIS_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(golden, missing);
        }

        Assert.Equal(File.ReadAllText(golden), missing);
    }

    [Fact]
    public void EveryMemberOfTheBlocksStandsInTheTable()
    {
        var table = Repository.Read("docs/guide-keys.md");
        var missing = Directory.GetFiles(Folder, "*.missing.txt").SelectMany(File.ReadAllLines).Distinct(StringComparer.Ordinal).Where(path => !table.Contains($"`{path[2..]}", StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    private sealed class Forwarder : IAuditForwarder
    {
        public ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken) => default;
    }
}
