using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;

namespace Aegis.Benchmarks;

/// <summary>
/// What the monitor of streams costs with the preset <c>balanced</c>: time and memory by size of the text and of its pieces, against passing the pieces on;
/// what it holds back of clean text; how much dearer hostile text is; how long the first text takes (promise P17).
/// </summary>
internal static class StreamCurve
{
    private const int Rounds = 3;
    private const int HeldBackCut = 4;   // characters a piece, about what a token is
    private const int FirstTexts = 1_000;
    private const int FirstLength = 1_024;
    private const int HostileLength = 100_000;
    private const double MostHeldBack = 16;   // characters, in the median
    private const double MostOfFirst = 1;   // ms
    private const double MostFlatness = 1.6;   // a character of a million to one of a thousand
    private const double MostOfClean = 200;   // ns a character, in pieces of four
    private const double MostOfPiece = 40;   // bytes, in pieces of four, with the window of a short answer
    private const double MostOfLongPiece = 4;   // bytes, in pieces of four of the longest text: only where readers are asked
    private const double MostOfHostile = 80;   // times clean text, in pieces of four: the readers are asked all the time

    private static readonly (string Name, int Length, int Texts)[] Sizes = [("1 KB", 1_024, 256), ("16 KB", 16_384, 16), ("256 KB", 262_144, 1), ("1 MiB", 1_048_576, 1)];
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);   // what takes longer is measured once
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(3);
    private static readonly int?[] Cuts = [4, 16, 64, null];
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "What is the weather like in Paris today, and should I take an umbrella?")];

    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced") with
    {
        Output = AegisPolicy.Preset("balanced").Output with { MaxLength = int.MaxValue },
        AgentLoop = new() { MaxRunsPerWindow = new(int.MaxValue, TimeSpan.FromSeconds(1)) },
        DenialOfWallet = null,
    };

    /// <summary>Prints all of it; whether what must hold does.</summary>
    public static async Task<bool> HoldsAsync(double slack)
    {
        using var guard = AegisGuard.Create(Policy);
        var harmless = await HarmlessAsync(guard);
        var gates = new List<(string Claim, double Value, double Most)>();
        var clean = await CleanAsync(guard, harmless, gates, slack);
        await HoldBackAsync(guard, harmless, gates);
        await HostileAsync(guard, clean, gates, slack);
        await FirstAsync(guard, harmless, gates, slack);
        foreach (var (claim, value, most) in gates)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(value <= most ? "holds" : "FAILS"),-6}{claim}: {value:F2} (at most {most})"));
        }

        return gates.TrueForAll(static gate => gate.Value <= gate.Most);
    }

    /// <summary>Texts in which nothing is found, as one.</summary>
    private static async Task<string> HarmlessAsync(AegisGuard guard)
    {
        var clean = new List<string>();
        foreach (var text in Texts.Harmless())
        {
            if ((await StreamPass.MonitoredAsync(guard, [[text, "\n"]])).Released == text.Length + 1)
            {
                clean.Add(text);
            }
        }

        return Texts.Shuffled([.. clean], "\n");
    }

    /// <summary>Nanoseconds a character, in the smallest pieces of the longest text.</summary>
    private static async Task<double> CleanAsync(AegisGuard guard, string source, List<(string, double, double)> gates, double slack)
    {
        Console.WriteLine($"{"harmless stream",-28}{"pieces of",10}{"ns/char",10}{"empty",10}{"times",8}{"bytes/piece",13}");
        var warm = Enumerable.Range(0, Sizes[0].Texts).Select(i => Texts.Cut(Texts.Part(source, i * Sizes[0].Length, Sizes[0].Length), HeldBackCut)).ToArray();
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Warm;)
        {
            await StreamPass.MonitoredAsync(guard, warm);   // else the smallest texts are read by code that is not compiled for good yet
        }

        var passes = new Dictionary<(string, int?), StreamPass>();
        var (withheld, bytes, last) = (0L, 0.0, 0.0);
        foreach (var (name, length, count) in Sizes)
        {
            foreach (var cut in Cuts)
            {
                var answers = Enumerable.Range(0, count).Select(i => Texts.Cut(Texts.Part(source, i * length, length), cut)).ToArray();
                var (ours, empty) = (default(StreamPass), default(StreamPass));
                for (var round = 0; round < Rounds; round++)
                {
                    ours = Faster(ours, await StreamPass.MonitoredAsync(guard, answers));
                    empty = Faster(empty, await StreamPass.EmptyAsync(answers));
                }

                passes[(name, cut)] = ours;
                withheld += empty.Released - ours.Released;
                var perPiece = (double)ours.Bytes / answers.Sum(static pieces => pieces.Length);
                (bytes, last) = cut == Cuts[0] ? (Math.Max(bytes, perPiece), perPiece) : (bytes, last);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28}{cut?.ToString(CultureInfo.InvariantCulture) ?? "one piece",10}{PerCharacter(ours),10:F1}{PerCharacter(empty),10:F2}{ours.Time / empty.Time,8:F0}{perPiece,13:F0}"));
            }
        }

        foreach (var cut in Cuts)
        {
            gates.Add(($"{(cut is { } size ? $"pieces of {size}" : "one piece")}: a character of {Sizes[^1].Name} to one of {Sizes[0].Name}", PerCharacter(passes[(Sizes[^1].Name, cut)]) / PerCharacter(passes[(Sizes[0].Name, cut)]), MostFlatness * slack));
        }

        var clean = PerCharacter(passes[(Sizes[^1].Name, Cuts[0])]);
        gates.Add(($"pieces of {Cuts[0]}: ns a character", clean, MostOfClean * slack));
        gates.Add(($"pieces of {Cuts[0]}: bytes a piece", bytes, MostOfPiece));
        gates.Add(($"pieces of {Cuts[0]}: bytes a piece of {Sizes[^1].Name}", last, MostOfLongPiece));
        gates.Add(("characters of harmless text that never came out", withheld, 0));
        return clean;
    }

    private static StreamPass Faster(StreamPass best, StreamPass next) => best.Read == 0 || next.Time < best.Time ? next : best;

    private static async Task HoldBackAsync(AegisGuard guard, string source, List<(string, double, double)> gates)
    {
        Console.WriteLine($"{"harmless, held back",-28}{"pieces of",10}{"median",10}{"99 %",10}{"most",8}");
        foreach (var cut in Cuts.OfType<int>().Prepend(1))
        {
            var monitor = StreamPass.Monitor(guard);
            var (held, open) = (new List<int>(), 0);
            foreach (var piece in Texts.Cut(Texts.Part(source, 0, Sizes[^2].Length), cut))
            {
                open += piece.Length - (await monitor.PushAsync(piece, CancellationToken.None)).Length;
                held.Add(open);
            }

            held.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",-28}{cut,10}{held[held.Count / 2],10}{held[held.Count * 99 / 100],10}{held[^1],8}"));
            if (cut == HeldBackCut)
            {
                gates.Add(($"pieces of {HeldBackCut}: characters of harmless text that are held back, median", held[held.Count / 2], MostHeldBack));
            }
        }
    }

    private static async Task HostileAsync(AegisGuard guard, double clean, List<(string, double, double)> gates, double slack)
    {
        Console.WriteLine($"{"hostile stream",-28}{"pieces of",10}{"ns/char",10}{"to clean",10}{"growth",8}{"read",8}");
        var worst = 0.0;
        foreach (var (half, whole) in HostileStreams.Of(HostileLength / 2).Zip(HostileStreams.Of(HostileLength)))
        {
            var (shorter, longer) = (await HostileAsync(guard, half.Answers), await HostileAsync(guard, whole.Answers));
            var cost = PerCharacter(longer);
            worst = Math.Max(worst, cost / clean);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{whole.Name,-28}{Cuts[0],10}{cost,10:F1}{cost / clean,10:F1}{cost / PerCharacter(shorter),8:F2}{longer.Read,8}"));
        }

        gates.Add(("a character of the worst hostile stream to one of a harmless stream", worst, MostOfHostile * slack));
    }

    private static async Task<StreamPass> HostileAsync(AegisGuard guard, string[] answers)
    {
        var (pieces, best) = (Array.ConvertAll(answers, static answer => Texts.Cut(answer, Cuts[0])), default(StreamPass));
        for (var round = 0; round < Rounds && best.Time < Long; round++)
        {
            best = Faster(best, await StreamPass.MonitoredAsync(guard, pieces));
        }

        return best;
    }

    private static double PerCharacter(StreamPass pass) => pass.Time.TotalNanoseconds / pass.Read;

    /// <summary>From the first piece to the first text: the monitor alone, and a guarded client beyond a bare one.</summary>
    private static async Task FirstAsync(AegisGuard guard, string source, List<(string, double, double)> gates, double slack)
    {
        var model = new PiecesChatClient();
        var guarded = model.AsBuilder().UseAegis(guard).Build();
        var (alone, layer, bare) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < 2 * FirstTexts; i++)
        {
            model.Pieces = Texts.Cut(Texts.Part(source, i * FirstLength, FirstLength), Cuts[0]);
            var times = (await FirstAsync(StreamPass.Monitor(guard), model.Pieces), await FirstAsync(guarded, model), await FirstAsync(model, model));
            if (i >= FirstTexts)   // warm by then
            {
                alone.Add(times.Item1);
                layer.Add(times.Item2);
                bare.Add(times.Item3);
            }
        }

        Console.WriteLine($"{"first piece to first text",-28}{"",10}{"median µs",10}{"99 %",10}");
        foreach (var (name, times) in new[] { ("monitor", alone), ("guarded client", layer), ("bare client", bare) })
        {
            times.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28}{"",10}{times[FirstTexts / 2],10:F1}{times[FirstTexts * 99 / 100],10:F1}"));
        }

        gates.Add(("from the first piece to the first text beyond a bare client, median ms", (layer[FirstTexts / 2] - bare[FirstTexts / 2]) / 1_000, MostOfFirst * slack));
    }

    private static async Task<double> FirstAsync(Streaming.StreamMonitor monitor, string[] pieces)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var piece in pieces)
        {
            if ((await monitor.PushAsync(piece, CancellationToken.None)).Length > 0)
            {
                break;
            }
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds;
    }

    private static async Task<double> FirstAsync(IChatClient client, PiecesChatClient model)
    {
        await foreach (var update in client.GetStreamingResponseAsync(Question))
        {
            if (update.Text.Length > 0)
            {
                return Stopwatch.GetElapsedTime(model.Began).TotalMicroseconds;
            }
        }

        throw new InvalidOperationException("Nothing came out.");
    }
}
