using System.Text;
using System.Text.Json.Nodes;

namespace Aegis.Testing.RedTeaming;

/// <summary>One run against a live target: a conversation for each case.</summary>
internal sealed class LiveRun(LiveClient client, LiveJudge judge, LiveRedTeamOptions options)
{
    private int _done;

    /// <summary>The first case alone, to know that somebody is there; then the others. Results stand in order.</summary>
    /// <exception cref="LiveRedTeamException">Nobody is there.</exception>
    public async Task<IReadOnlyList<LiveRedTeamResult>> RunAsync(IReadOnlyList<RedTeamCase> cases, CancellationToken cancellationToken)
    {
        var results = new LiveRedTeamResult[cases.Count];
        results[0] = await PlayAsync(cases[0], isFirst: true, cancellationToken);
        Report(cases.Count);
        await Parallel.ForAsync(1, cases.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken }, async (at, token) =>
        {
            results[at] = await PlayAsync(cases[at], isFirst: false, token);
            Report(cases.Count);
        });
        return Array.TrueForAll(results, static result => result.Outcome == LiveRedTeamOutcome.Failed)
            ? throw new LiveRedTeamException($"{client.Shown}: not one request was answered: {results[0].Evidence}.")
            : results;
    }

    private async Task<LiveRedTeamResult> PlayAsync(RedTeamCase @case, bool isFirst, CancellationToken cancellationToken)
    {
        var messages = new JsonArray([.. History(@case)]);
        var sent = new List<string>();
        var heard = new StringBuilder();   // what comes out in pieces has come out
        try
        {
            foreach (var turn in @case.Turns)
            {
                var text = @case.Place == AttackPlace.Typed ? turn.Replace(RedTeamCase.AttackPlaceholder, @case.Attack!.ToString(), StringComparison.Ordinal) : turn;
                sent.Add(text);
                messages.Add(Message("user", text));
                var answer = await client.AskAsync(messages, cancellationToken);
                if (judge.Find(heard.Append(answer.Text).Append('\n').ToString(), sent, @case) is { } found)
                {
                    return new(@case.Id, @case.Suite, found.Outcome, found.Evidence);
                }

                if (answer.IsOver)
                {
                    break;
                }

                messages.Add(Message("assistant", answer.Said));
            }
        }
        catch (LiveFailure e) when (!(isFirst && e.IsFatal))
        {
            return new(@case.Id, @case.Suite, LiveRedTeamOutcome.Failed, e.Message);
        }
        catch (LiveFailure e)
        {
            throw new LiveRedTeamException($"{client.Shown}: {e.Message}.", e);
        }

        return judge.Judges(@case)
            ? new(@case.Id, @case.Suite, LiveRedTeamOutcome.Held, "")
            : new(@case.Id, @case.Suite, LiveRedTeamOutcome.Unjudged, @case.Goal!.Harm == RedTeamHarm.Leaked ? "there is no secret to look for" : "there is no tell-tale to look for");
    }

    private static IEnumerable<JsonNode> History(RedTeamCase @case)
    {
        if (@case.Place == AttackPlace.Typed)
        {
            yield break;
        }

        var attack = @case.Attack!.ToString();
        yield return Message("user", "Hello.");
        if (@case.Place == AttackPlace.HistoryResult)
        {
            yield return new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = null,
                ["tool_calls"] = new JsonArray(new JsonObject { ["id"] = "call_before", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "read_page", ["arguments"] = "{}" } }),
            };
            yield return new JsonObject { ["role"] = "tool", ["tool_call_id"] = "call_before", ["content"] = attack };
            yield return Message("assistant", "I have read it.");
        }
        else
        {
            yield return Message(@case.Place == AttackPlace.System ? "system" : "assistant", attack);
        }
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private void Report(int all)
    {
        if (options.Progress is { } progress)
        {
            lock (progress)
            {
                progress.Report((double)++_done / all);
            }
        }
    }
}
