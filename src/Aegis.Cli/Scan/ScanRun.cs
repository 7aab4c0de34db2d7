using System.Text.Json.Nodes;
using Aegis.Policies;

namespace Aegis.Cli.Scan;

/// <summary>The pipeline of a policy, and each text in a session of its own.</summary>
internal sealed class ScanRun : IDisposable
{
    private readonly AegisGuard _guard;
    private readonly ScanPlace _place;
    private int _sessions;

    /// <param name="policy">The policy. What it says of tools and of money is not asked here.</param>
    /// <param name="packs">Files of rules beside the built-in ones.</param>
    /// <param name="place">Where texts are met.</param>
    public ScanRun(AegisPolicy policy, IEnumerable<string> packs, ScanPlace place)
    {
        _guard = AegisGuard.Create(policy with { Capabilities = new() { Allow = [ScanPlace.Tool] }, DenialOfWallet = null }, builder =>
        {
            foreach (var pack in packs)
            {
                builder.AddRulePack(File.ReadAllText(pack), pack);
            }
        });
        BlockLine = policy.Scanner is { } scanner && place.Name != ScanPlace.Answer ? PolicyCompiler.BlockLine(scanner.Sensitivity) : null;
        _place = place;
    }

    /// <summary>The risk from which a text is blocked; null: no scanner reads there.</summary>
    public double? BlockLine { get; }

    public async ValueTask<Verdict> JudgeAsync(ScanRow row, CancellationToken cancellationToken)
    {
        var session = new SessionId(FormattableString.Invariant($"scan-{++_sessions}"));
        if (row.UserTask is { } task)
        {
            await _guard.InspectAsync(new UserInput(task), session, cancellationToken);
        }

        return (await _guard.InspectAsync(_place.Of(row.Text), session, cancellationToken)).Verdict;
    }

    /// <param name="row">The text.</param>
    /// <param name="verdict">What is said of it.</param>
    /// <param name="isExplained">Whether findings have all their members, and not those alone that measuring reads.</param>
    public static JsonObject ToJson(ScanRow row, Verdict verdict, bool isExplained) => new()
    {
        ["id"] = row.Id,
        ["decision"] = Word(verdict.Decision),
        ["risk"] = verdict.Risk,
        ["findings"] = new JsonArray([.. verdict.Findings.Select(finding => (JsonNode)ToJson(finding, isExplained))]),
    };

    public void Dispose() => _guard.Dispose();

    public static JsonObject ToJson(Finding finding, bool isExplained)
    {
        var json = new JsonObject
        {
            ["rule"] = finding.Rule,
            ["category"] = finding.Category,
            ["decision"] = Word(finding.Decision),
            ["risk"] = finding.Risk,
            ["start"] = finding.Range?.Start,
            ["end"] = finding.Range?.End,
        };
        if (isExplained)
        {
            json["detail"] = finding.Detail;
            json["owasp"] = new JsonArray([.. finding.Owasp.Select(static id => (JsonNode)id)]);
            json["atlas"] = new JsonArray([.. finding.Atlas.Select(static id => (JsonNode)id)]);
        }

        return json;
    }

    public static string Word(Decision decision) => decision.ToString().ToLowerInvariant();
}
