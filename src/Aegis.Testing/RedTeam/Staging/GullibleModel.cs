using Microsoft.Extensions.AI;

namespace Aegis.Testing.RedTeaming;

/// <summary>
/// A model without a conscience, as a script: it does the user's task, and as soon as it has read an order in full it does what the order says, whatever
/// else it was told. One that is rogue needs no order.
/// </summary>
internal sealed class GullibleModel(RedTeamCase @case)
{
    private readonly Queue<ScriptedTurn> _task = [];
    private readonly Queue<ScriptedTurn> _left = [];
    private readonly IReadOnlyList<string> _orders = @case.IsBenign ? [] : [.. @case.Attack?.Orders ?? []];
    private bool _isObeying;

    /// <summary>Whether it has read the order.</summary>
    public bool HasRead { get; private set; }

    /// <summary>Tokens that it was asked for.</summary>
    public long Tokens { get; private set; }

    /// <summary>The user has typed something. In the last turn the task needs its tool; what a harmless task needs begins with the first. An answer ends the turn, and what is left goes on in the next.</summary>
    public void Begin(bool isFirst, bool isLast)
    {
        if ((@case.IsBenign ? isFirst : isLast) && @case is { Tool: { } tool, Place: AttackPlace.Result or AttackPlace.Typed or AttackPlace.Rogue })
        {
            _task.Enqueue(ScriptedTurn.Call(tool, new Dictionary<string, object?> { ["query"] = "what the user asked for" }));
        }

        if (isFirst && @case.IsBenign)
        {
            Enqueue(_task);
        }
    }

    public ScriptedTurn Next(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        Tokens += @case.Usage;
        if (_task.Count > 0)
        {
            return Costing(_task.Dequeue());   // the task comes first: the order may be in what it brings
        }

        if (!_isObeying && !@case.IsBenign && (@case.Place == AttackPlace.Rogue || Understanding.Has(_orders, messages, options)))
        {
            (_isObeying, HasRead) = (true, true);
            Enqueue(_left);
        }

        return Costing(_left.Count > 0 ? _left.Dequeue() : ScriptedTurn.Say(ScriptedChatClient.Done));
    }

    private void Enqueue(Queue<ScriptedTurn> turns)
    {
        foreach (var step in @case.Steps)
        {
            var played = Enumerable.Range(1, step.Times).Select(n => Played(step, n)).ToList();
            if (step.IsTogether)
            {
                turns.Enqueue(new() { Calls = [.. played.SelectMany(static turn => turn.Calls)] });
                continue;
            }

            foreach (var turn in played)
            {
                turns.Enqueue(turn);
            }
        }
    }

    private static ScriptedTurn Played(AttackStep step, int n)
    {
        var numbered = step.Map(text => text.Replace("{n}", FormattableString.Invariant($"{n}"), StringComparison.Ordinal));
        return numbered.Call is { } call ? ScriptedTurn.Call(call, numbered.Arguments) : ScriptedTurn.Say(numbered.Say ?? ScriptedChatClient.Done);
    }

    private ScriptedTurn Costing(ScriptedTurn turn) => @case.Usage == 0 ? turn : turn with { Usage = new() { InputTokenCount = @case.Usage / 2, OutputTokenCount = @case.Usage - (@case.Usage / 2), TotalTokenCount = @case.Usage } };
}
