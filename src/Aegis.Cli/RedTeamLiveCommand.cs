using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Testing;

namespace Aegis.Cli;

/// <summary><c>aegis red-team-live</c>: attacks an agent that runs.</summary>
internal static class RedTeamLiveCommand
{
    private const int MostSeconds = 3_600;
    private const int MostRetries = 10;

    public static Command Create(TextWriter output, TextWriter error)
    {
        var endpoint = new Option<string>("--endpoint") { Description = "The agent's address, for example https://agent.example/v1: OpenAI chat completions.", Required = true };
        var model = new Option<string>("--model") { Description = "The model that requests name.", Required = true };
        var key = new Option<string?>("--key-env") { Description = "The environment variable that holds the key." };
        var secrets = new Option<string[]>("--secret") { Description = "A value that the agent knows and must keep; may be given often. A canary in its instructions serves best ('aegis canary new').", DefaultValueFactory = static _ => [] };
        var variables = new Option<string[]>("--secret-env") { Description = "The same, in an environment variable of that name, so that no list of processes shows it.", DefaultValueFactory = static _ => [] };
        var tellTales = new Option<string[]>("--tell-tale") { Description = "A text that the agent says only where it has obeyed an attack; may be given often.", DefaultValueFactory = static _ => [] };
        var suites = new Option<string[]>("--suite") { Description = "A suite; may be given often. Else all.", DefaultValueFactory = static _ => [] };
        var own = new Option<string[]>("--suites-from") { Description = "A suite of your own, as JSON; may be given often.", DefaultValueFactory = static _ => [] };
        var timeout = new Option<int>("--timeout") { Description = "Seconds for one request, at most.", DefaultValueFactory = static _ => 60 };
        var retries = new Option<int>("--retries") { Description = "Times that a request is sent again which was not answered.", DefaultValueFactory = static _ => 2 };
        var json = PolicyOutput.Json();
        var command = new Command("red-team-live", "Attacks an agent that runs, over HTTP, with what needs nothing but text, and judges by what comes back. Attack only what is yours. Ends with 0: nothing that could be judged came through; 1: something did; 2: wrong words, nobody answers there, or some attacks were not answered, so that nobody can say; 3: the tool failed.") { endpoint, model, key, secrets, variables, tellTales, suites, own, timeout, retries, json };
        Bound(timeout, 1, MostSeconds);
        Bound(retries, 0, MostRetries);
        command.SetAction(async (words, cancellationToken) =>
        {
            if (!Uri.TryCreate(words.GetRequiredValue(endpoint), UriKind.Absolute, out var address))
            {
                await error.WriteLineAsync($"'{words.GetRequiredValue(endpoint)}' is no address. Write https://host/v1.");
                return ExitCode.Usage;
            }

            LiveRedTeamOptions options = new()
            {
                ApiKeyVariable = words.GetValue(key),
                Secrets = [.. words.GetRequiredValue(secrets), .. words.GetRequiredValue(variables).Select(Value)],
                TellTales = words.GetRequiredValue(tellTales),
                Suites = words.GetRequiredValue(suites),
                OwnSuites = [.. words.GetRequiredValue(own).Select(TextFile.Read)],
                Timeout = TimeSpan.FromSeconds(words.GetValue(timeout)),
                Retries = words.GetValue(retries),
            };
            try
            {
                var report = await LiveRedTeam.RunAsync(address, words.GetRequiredValue(model), options, cancellationToken);
                Write(report, words.GetValue(json), output);
                return report.CameThrough.Count > 0 ? ExitCode.Findings : report.Count(LiveRedTeamOutcome.Failed) > 0 ? ExitCode.Usage : ExitCode.Clean;
            }
            catch (LiveRedTeamException e)
            {
                await error.WriteLineAsync(e.Message);
                return ExitCode.Usage;
            }
        });
        return command;
    }

    private static void Bound(Option<int> option, int least, int most) => option.Validators.Add(words =>
    {
        if (words.Tokens is [var token] && (!int.TryParse(token.Value, out var number) || number < least || number > most))
        {
            words.AddError(FormattableString.Invariant($"{option.Name} is a whole number from {least} to {most}."));
        }
    });

    private static string Value(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : throw new ArgumentException($"The environment variable '{variable}' has no secret.");

    private static void Write(LiveRedTeamReport report, bool asJson, TextWriter output)
    {
        var through = report.CameThrough;
        if (asJson)
        {
            output.WriteLine(new JsonObject
            {
                ["endpoint"] = report.Endpoint.ToString(),
                ["model"] = report.Model,
                ["came_through"] = through.Count,
                ["judged"] = through.Of,
                ["rate"] = through.Rate,
                ["low"] = through.Low,
                ["high"] = through.High,
                ["unjudged"] = report.Count(LiveRedTeamOutcome.Unjudged),
                ["failed"] = report.Count(LiveRedTeamOutcome.Failed),
                ["not_sent"] = report.NotSent,
                ["results"] = new JsonArray([.. report.Results.Select(static result => (JsonNode)new JsonObject { ["case"] = result.Case, ["suite"] = result.Suite, ["outcome"] = result.Outcome.ToString().ToLowerInvariant(), ["evidence"] = result.Evidence })]),
            }.ToJsonString(PolicyOutput.Readable));
            return;
        }

        foreach (var result in report.Results.Where(static result => result.Outcome is not (LiveRedTeamOutcome.Held or LiveRedTeamOutcome.Unjudged)))
        {
            output.WriteLine($"{result.Case}: {result.Outcome.ToString().ToLowerInvariant()}; {result.Evidence}");
        }

        output.WriteLine(FormattableString.Invariant($"{through.Count} of {through.Of} attacks that could be judged came through ({through.Low:P0} to {through.High:P0} by Wilson's 95 % interval)."));
        output.WriteLine(FormattableString.Invariant($"Not judged: {report.Count(LiveRedTeamOutcome.Unjudged)} (no secret or tell-tale to judge by). Not answered: {report.Count(LiveRedTeamOutcome.Failed)}. Not sent: {report.NotSent} (they need tools, or what they want happens behind the endpoint)."));
    }
}
