using System.Text.Json.Nodes;

namespace Aegis.Cli.Scan;

/// <summary>The pipeline of a policy, and each text in a session of its own.</summary>
internal sealed class ScanRun : IDisposable
{
    private readonly AegisGuard _guard;
    private readonly ScanPlace _place;
    private int _sessions;

    /// <param name="policy">The policy. What it says of tools and of money is not asked here.</param>
    /// <param name="place">Where texts are met.</param>
    public ScanRun(AegisPolicy policy, ScanPlace place)
    {
        _guard = AegisGuard.Create(policy with { Capabilities = new() { Allow = [ScanPlace.Tool] }, DenialOfWallet = null });
        _place = place;
    }

    public async ValueTask<Verdict> JudgeAsync(ScanRow row, CancellationToken cancellationToken)
    {
        var session = new SessionId(FormattableString.Invariant($"scan-{++_sessions}"));
        if (row.UserTask is { } task)
        {
            await _guard.InspectAsync(new UserInput(task), session, cancellationToken);
        }

        return (await _guard.InspectAsync(_place.Of(row.Text), session, cancellationToken)).Verdict;
    }

    public static JsonObject ToJson(ScanRow row, Verdict verdict) => new()
    {
        ["id"] = row.Id,
        ["decision"] = Word(verdict.Decision),
        ["risk"] = verdict.Risk,
        ["findings"] = new JsonArray([.. verdict.Findings.Select(static finding => (JsonNode)new JsonObject
        {
            ["rule"] = finding.Rule,
            ["category"] = finding.Category,
            ["decision"] = Word(finding.Decision),
            ["risk"] = finding.Risk,
            ["start"] = finding.Range?.Start,
            ["end"] = finding.Range?.End,
        })]),
    };

    public void Dispose() => _guard.Dispose();

    private static string Word(Decision decision) => decision.ToString().ToLowerInvariant();
}
