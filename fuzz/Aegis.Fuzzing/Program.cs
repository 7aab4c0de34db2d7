using Aegis.Fuzzing;
using SharpFuzz;

// Aegis.Fuzzing TARGET        under afl-fuzz: input after input; else one, from standard input
// Aegis.Fuzzing TARGET FILE…  the inputs of these files, and where a law breaks, how
if (args.Length == 0 || !FuzzTargets.Names.Contains(args[0]))
{
    Console.Error.WriteLine($"Usage: Aegis.Fuzzing {string.Join('|', FuzzTargets.Names)} [FILE…]");
    return 2;
}

// Made by the first input: what is instrumented may not run before there is somewhere to write.
var target = new Lazy<IFuzzTarget>(() => FuzzTargets.Make(args[0]));
if (args.Length == 1)
{
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        target.Value.Run(input.ToArray());
    });
    return 0;
}

var broken = 0;
foreach (var file in args.Skip(1))
{
    try
    {
        target.Value.Run(File.ReadAllBytes(file));
        Console.WriteLine($"holds   {file}");
    }
    catch (Exception e)
    {
        broken++;
        Console.WriteLine($"BREAKS  {file}\n{e}");
    }
}

return broken == 0 ? 0 : 1;
