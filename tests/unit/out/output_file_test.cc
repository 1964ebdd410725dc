#include "out/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "../temp_dir.h"
#include "sseprof/error.h"

namespace sseprof::output_file_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::string CheckError(const std::string& path) {
  try {
    CheckOutputPath(path);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

int FilesIn(const TempDir& dir) {
  return static_cast<int>(std::distance(fs::directory_iterator(dir.path()), {}));
}

TEST(OutputFile, IsWrittenWholeAndAlone) {
  const TempDir dir;
  const std::string path = dir.File("x.json");
  EXPECT_EQ(CheckError(path), "");
  EXPECT_FALSE(fs::exists(path)) << "checking writes nothing";
  WriteFile(path, "one\n");
  WriteFile(path, "two\n");
  EXPECT_EQ(ReadFile(path), "two\n");
  EXPECT_EQ(FilesIn(dir), 1);
}

TEST(OutputFile, KeepsTheModeOfTheFileThatItReplaces) {
  const TempDir dir;
  const std::string path = dir.File("x.json");
  PutFile(path, "old");
  ::chmod(path.c_str(), 0640);
  WriteFile(path, "new");
  struct stat status {};
  ::stat(path.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST(OutputFile, FollowsALink) {
  const TempDir dir;
  PutFile(dir.File("target"), "old");
  fs::create_symlink("target", dir.File("link"));
  WriteFile(dir.File("link"), "new");
  EXPECT_EQ(ReadFile(dir.File("target")), "new");
  EXPECT_TRUE(fs::is_symlink(dir.File("link")));
}

TEST(OutputFile, DevicesAreWrittenInPlace) {
  EXPECT_EQ(CheckError("/dev/null"), "");
  WriteFile("/dev/null", "gone");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(OutputFile, TellsOneFileByItsSpellings) {
  const TempDir dir;
  PutFile(dir.File("there"), "");
  fs::create_symlink(dir.path(), dir.File("folder"));
  fs::create_symlink(dir.File("there"), dir.File("link"));
  for (const char* name : {"there", "new"}) {
    EXPECT_TRUE(NameSameFile(dir.File(name), dir.File(name)));
    EXPECT_TRUE(NameSameFile(dir.File(name), dir.File(std::string("./") + name)));
    EXPECT_TRUE(NameSameFile(dir.File(name), dir.File(std::string("folder/") + name)));
    EXPECT_FALSE(NameSameFile(dir.File(name), dir.File("other")));
  }
  EXPECT_TRUE(NameSameFile("new.json", "./new.json"));
  EXPECT_TRUE(NameSameFile(dir.File("there"), dir.File("link")));
  EXPECT_FALSE(NameSameFile("/dev/null", "/dev/null"));
  EXPECT_FALSE(NameSameFile("", ""));
}

TEST(OutputFile, AFullDeviceIsAUsageError) {
  try {
    WriteFile("/dev/full", "text");
    FAIL() << "nothing can be written there";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("/dev/full"), HasSubstr("No space left")));
  }
}

TEST(OutputFile, ErrorsNameThePathAndTheRemedy) {
  const TempDir dir;
  PutFile(dir.File("file"), "");
  EXPECT_THAT(CheckError(""), HasSubstr("give its path"));
  EXPECT_THAT(CheckError(dir.path()), AllOf(HasSubstr(dir.path()), HasSubstr("is a directory")));
  EXPECT_THAT(CheckError(dir.File("no/x.json")),
              AllOf(HasSubstr("no/x.json"), HasSubstr("make it first")));
  EXPECT_THAT(CheckError(dir.File("file/x.json")), HasSubstr("file"));
}

TEST(OutputFile, ADirectoryWithoutPermissionIsRefused) {
  EXPECT_THAT(CheckError("/proc/sys/x.json"), HasSubstr("no permission")) << "holds for root too";
}

}  // namespace
}  // namespace sseprof::output_file_test
