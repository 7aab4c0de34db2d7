using Aegis.Testing;
using Aegis.Testing.RedTeaming;
using Microsoft.Extensions.AI;

namespace Aegis.Cli.BossBattle;

/// <summary>The model of an opponent, as a script: whatever it reads for the first time and finds an order in, it obeys. That it was told not to does not hold it.</summary>
internal sealed class BattleModel(BattleTier tier, BattleBook book, BattleWorld world)
{
    private const int MostTimes = 20;

    private readonly Queue<ScriptedTurn> _left = [];
    private bool _hasAsked;
    private bool _hasLooked;

    /// <summary>Whether it has found an order.</summary>
    public bool HasObeyed { get; private set; }

    /// <summary>The value of the goal, in the manner in which it was asked for; null: it has said none.</summary>
    public string? Value { get; private set; }

    /// <summary>Something new was written to it.</summary>
    public void Begin()
    {
        _left.Clear();
        (_hasAsked, _hasLooked, HasObeyed, Value) = (tier.Reader is null, false, false, null);
    }

    public ScriptedTurn Next(IReadOnlyList<ChatMessage> messages)
    {
        if (!_hasAsked)
        {
            _hasAsked = true;
            return ScriptedTurn.Call(tier.Reader!);
        }

        if (!_hasLooked)
        {
            _hasLooked = true;
            Obey(string.Join('\n', messages[^1].Contents.SelectMany(ReadableText.Of)));
        }

        return _left.Count > 0 ? _left.Dequeue() : ScriptedTurn.Say(HasObeyed ? "As you wish." : tier.Idle);
    }

    private void Obey(string text)
    {
        foreach (var reading in Readings.Of(text).Select(static reading => new Phrases(reading)))
        {
            if (tier.Orders.FirstOrDefault(order => order.Needs.Select((phrases, at) => reading.HasOneOf(phrases, at == 0 ? book.Negations : [])).All(static has => has)) is { } order)
            {
                HasObeyed = true;
                Enqueue(order, reading);
                return;
            }
        }
    }

    private void Enqueue(BattleOrder order, Phrases reading)
    {
        if (order.Call is { } call)
        {
            for (var times = order.Counts ? reading.Number(MostTimes, book.Numbers) : 1; times > 0; times--)
            {
                _left.Enqueue(ScriptedTurn.Call(call, order.Arguments));
            }
        }
        else if (order.Say is { } say && tier.Wins.Leaked is { } leaked)
        {
            Value = Said(world.Fill(leaked), book.Manners.FirstOrDefault(manner => reading.HasOneOf(manner.Words, book.Negations)));
            _left.Enqueue(ScriptedTurn.Say(say.Replace("{value}", Value, StringComparison.Ordinal)));
        }
    }

    /// <summary>A value as the red team's model would say it that wants it past a guard.</summary>
    private static string Said(string value, BattleManner? manner) => manner is null ? value
        : Testing.RedTeaming.Answers.All.Single(change => change.Name == manner.Name).Apply(Attempt.Of(new()
        {
            Id = manner.Name,
            Suite = manner.Name,
            Turns = [],
            Goal = new(RedTeamHarm.Leaked, value),
            Steps = [new(null, null, value)],
        }), 0)?.Case.Goal?.Value ?? value;
}
