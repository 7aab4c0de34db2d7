namespace Aegis.Onnx.Tests.Files;

/// <summary>A folder for a test's files, gone with it.</summary>
internal sealed class Folder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("aegis-onnx-").FullName;

    public string File(string name, string text)
    {
        System.IO.File.WriteAllText(Named(name), text);
        return Named(name);
    }

    public string File(string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(Named(name), bytes);
        return Named(name);
    }

    public string Named(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
