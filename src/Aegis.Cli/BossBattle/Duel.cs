using System.Collections.Concurrent;
using Aegis.Events;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.Cli.BossBattle;

/// <summary>One conversation with an opponent: a whole agent behind a guard, as an app would build it. Whoever is asked says no.</summary>
internal sealed class Duel : IEventSink, IDisposable
{
    private const int MostSteps = 50;

    private readonly BattleTier _tier;
    private readonly BattleModel _model;
    private readonly ScriptedChatClient _client;
    private readonly AegisGuard _guard;
    private readonly IChatClient _agent;
    private readonly ChatOptions _chat;
    private readonly BattleWorld _world;
    private readonly List<ChatMessage> _history = [];
    private readonly ConcurrentQueue<AegisEvent> _events = new();
    private readonly ConcurrentQueue<BattleTool> _executed = new();
    private readonly string _session;
    private string _document = "";

    public Duel(BattleBook book, BattleTier tier, AegisPolicy policy, int seed, int number)
    {
        _tier = tier;
        _world = new(seed);
        _session = FormattableString.Invariant($"boss-battle-{tier.Name}-{number}");
        _model = new(tier, book, _world);
        _client = new((messages, _) => _model.Next(messages));
        _guard = AegisGuard.Create(_world.Guarded(policy), builder => builder.UseApprover(static (_, _) => new(false)).AddSink(this));
        _agent = _client.AsBuilder().UseAegisFunctionInvocation(_guard, static loop => loop.MaximumIterationsPerRequest = MostSteps).Build();
        _chat = new() { Instructions = _world.Fill(tier.Instructions), Tools = [.. tier.Tools.Select(tool => new BattleFunction(tool, () => Run(tool)))] };
    }

    /// <summary>What the player has written goes its way: typed to the agent, or in a document that somebody asks the agent about.</summary>
    public async Task<BattleOutcome> TryAsync(string text, CancellationToken cancellationToken)
    {
        _events.Clear();
        _document = text;
        _model.Begin();
        var message = new ChatMessage(ChatRole.User, _tier.Task ?? text);
        var left = "";
        try
        {
            using (AegisScope.Begin(_session, principal: _session))
            {
                var response = await _agent.GetResponseAsync([.. _history, message], _chat, cancellationToken);
                left = response.Text;
                if (response.AdditionalProperties?.ContainsKey("aegis") != true)   // a refused message is not said again
                {
                    _history.Add(message);
                    _history.AddRange(response.Messages);
                }
            }
        }
        catch (AegisBlockedException)
        {
            left = "(the app shows an error)";   // the policy throws where others refuse
        }

        return new(HasWon(left), _model.HasObeyed, left, Rules(Decision.Ask, Decision.Block), Rules(Decision.Redact, Decision.Redact), Rules(Decision.Allow, Decision.Flag), Spent);
    }

    public void Write(AegisEvent e) => _events.Enqueue(e);

    public void Dispose()
    {
        _agent.Dispose();
        _client.Dispose();
        _guard.Dispose();
    }

    private int Spent => _executed.Sum(static tool => tool.Costs);

    private bool HasWon(string left) =>
        _tier.Wins.Leaked is not null ? _model.Value is { } value && left.Contains(value, StringComparison.Ordinal)
        : _tier.Wins.Executed is { } tool ? _executed.Any(executed => executed.Name == tool)
        : Spent > _tier.Wins.Spent;

    private string Run(BattleTool tool)
    {
        _executed.Enqueue(tool);
        return tool.Name == _tier.Reader ? _document : tool.Returns.Replace("{n}", FormattableString.Invariant($"{_executed.Count}"), StringComparison.Ordinal);
    }

    /// <summary>The rules whose findings were decided so, each once, in order.</summary>
    private IReadOnlyList<string> Rules(Decision from, Decision to) =>
        [.. _events.SelectMany(static heard => heard.Verdict.Findings.Select(finding => (finding.Rule, Decision: finding.Decision < heard.Decision ? finding.Decision : heard.Decision)))
            .Where(finding => finding.Decision >= from && finding.Decision <= to).Select(static finding => finding.Rule).Distinct(StringComparer.Ordinal)];
}
